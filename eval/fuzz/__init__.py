"""Feeds damaged files to the readers of pictures and metadata: ``python -m eval.fuzz``.

In: sound files, made here. Out: a count of cases, and what none of them may do.
"""
