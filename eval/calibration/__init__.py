"""Calibration: what scores are worth as probabilities of relevance, fitted from judged queries.

In: an archive and judged queries. Out: a model for the index's folder, and the figures that say
how far its probabilities can be believed: reliability, calibration error, separation.
"""
