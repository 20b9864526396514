"""Building indexes in a process of its own: it gives way to others, and can be given up.

In: the engine process of a copy, whom to ask whether to go on. Out: its indexes.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.ports import Watch

WATCHED_EVERY = 0.5
"""Seconds between two questions whether to go on building."""

_LOWER = 10
"""Added to the niceness of the process that builds."""


def watched_build(build: EngineProcessStore, watch: Watch | None) -> None:
    """Build, and ask now and then whether to go on; of millions of points it takes half an hour."""
    with ThreadPoolExecutor(1, thread_name_prefix="build") as pool:
        building = pool.submit(build.optimize)
        try:
            while wait([building], WATCHED_EVERY).not_done:
                if watch is not None:
                    watch()
        except BaseException:
            build.end()
            raise
        building.result()


def lower_priority(pid: int) -> None:
    """Have a process of ours give way to others; where the system cannot, it does not."""
    threads = Path(f"/proc/{pid}/task")
    with suppress(OSError, AttributeError):
        for each in threads.iterdir() if threads.is_dir() else (Path(str(pid)),):
            nice = os.getpriority(os.PRIO_PROCESS, int(each.name))
            os.setpriority(os.PRIO_PROCESS, int(each.name), min(nice + _LOWER, 19))
