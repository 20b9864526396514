"""Benchmarks: how fast and how good the product is, each against its target.

In: real archive data, or vectors made from a seed. Out: plain tables, and JSON where asked.
``python -m eval.bench --help`` tells what there is.
"""
