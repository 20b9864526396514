"""A very small judged collection, so that evaluations and the gate run everywhere.

In: the demo archive's 23 pictures. Out: queries in three classes (names, descriptions, mixtures),
judged by hand from captions and pictures: 2 answers the query, 1 answers it in part (of a mixture,
what has the name and not the rest).
"""
