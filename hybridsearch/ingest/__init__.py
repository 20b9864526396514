"""Ingest takes a folder or a manifest of pictures and writes points to a store.

In: a source of entries. Out: points (dense vector, sparse vector, payload), a report, and a
list of what could not be used, each with reason and remedy.
"""
