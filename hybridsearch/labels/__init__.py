"""Labels: what a picture shows, in words that someone else gave, with a probability each.

In: a picture (or an archive's stored vectors), labels, the archive's own captions. Out: tags,
shares of a classification, and captions of the archive that fit. Nothing is written into assets.
"""
