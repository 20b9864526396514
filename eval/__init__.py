"""Evaluation: judged collections, measures, and benchmarks of the whole product.

In: archive data with queries and judgements. Out: figures that can be held against a target.
"""
