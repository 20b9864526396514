"""Pools: an archive judges what its systems found, and has a test set of its own.

In: runs and queries. Out: a sheet or a page on this machine to judge on, and qrels.
"""

from eval.pool.pool import Pool, PoolItem, make_pool
from eval.pool.server import judging_server, serve_judging
from eval.pool.sheet import read_sheet, write_sheet

__all__ = [
    "Pool",
    "PoolItem",
    "judging_server",
    "make_pool",
    "read_sheet",
    "serve_judging",
    "write_sheet",
]
