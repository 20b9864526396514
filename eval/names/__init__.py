"""Names, inflection and spelling, measured: do the forms of a word meet, and what else does?

In: pairs of forms written for this project, and the real collections' captions. Out: recall of
forms, false matches, nDCG by the weight of the kin form, suggestions for misspellings, accuracy
of language detection.
"""
