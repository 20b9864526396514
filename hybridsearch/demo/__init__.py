"""A demo archive of real photographs that ship inside installable packages.

In: the packages scikit-image, scikit-learn and matplotlib, as installed. Out: a folder with
the pictures and a manifest whose captions, people and credits were written for this project.
"""
