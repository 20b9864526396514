"""Stores: keep points (dense vector, sparse vector, payload) and rank them under a filter.

In: points and queries of ``hybridsearch.ports``. Out: rankings. ``memory`` is exact and small,
``edge`` is the embedded engine, ``engine_process`` keeps any of them in a process of its own,
``qdrant`` talks to a server or cluster. One contract suite holds for all of them.
"""
