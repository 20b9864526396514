"""Analysis turns text into weighted terms, and assets into the points a store keeps.

In: text, assets, encoder output. Out: terms, sparse vectors, payloads, unit vectors. Both
flows, ingest and search, go through here, so that a query meets the form it was stored in.
"""
