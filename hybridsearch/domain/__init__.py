"""The words of the product as values: assets, queries, plans, rankings, explanations.

In: nothing but the standard library. Out: frozen dataclasses and pure functions.
"""
