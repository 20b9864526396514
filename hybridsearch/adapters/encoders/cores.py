"""Cores are shared with other processes: threads that wait must sleep, not spin.

In: nothing. Out: how many there are, and an environment variable, set before the library that
reads it is loaded.
"""

from __future__ import annotations

import os


def sleep_while_waiting() -> None:
    """Make OpenMP's threads sleep between two pieces of work; call it before importing torch.

    By default they spin, which beside decoding processes costs three to ten times the
    processor time. What the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
