"""A folder watched: when something below it changes, and has come to rest, its watcher is told.

In: a folder. Out: a moment to look, again and again. What has changed is not told: whoever looks
compares everything, so no event that the system dropped is missed for good.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from hybridsearch.errors import ConfigError, SourceError

REST = 2.0
"""Seconds without any event after which files count as written to their end."""

LONGEST = 60.0
"""Seconds after which one looks even if files never rest."""

_LOOK_MS = 250


def restings(
    folder: Path,
    *,
    ignored: Path | None = None,
    due: Callable[[], bool] = lambda: False,
    stop: Event | None = None,
    rest: float = REST,
    longest: float = LONGEST,
) -> Iterator[None]:
    """Yields as soon as the folder is watched, and each time that changes below it come to rest.

    An interrupt (Ctrl-C) is raised in the loop as ``KeyboardInterrupt``.

    Args:
        ignored: what lies below it is nobody's business, nor is what is hidden.
        due: whether to yield although nothing has changed; asked every ``longest`` seconds.
        stop: ends it when set.

    Raises:
        ConfigError: the package that watches is not installed.
        SourceError: the folder cannot be watched.
    """
    try:
        from watchfiles import Change, watch
    except ImportError as error:
        raise ConfigError(
            "Folders cannot be watched: the package watchfiles is not installed.",
            "Install hybridsearch[watch].",
        ) from error
    root = folder.resolve()

    def matters(change: Change, path: str) -> bool:
        parts = Path(path).relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts)
        return not hidden and not (ignored and Path(path).is_relative_to(ignored))

    events = watch(
        root,
        watch_filter=matters,
        step=50,
        debounce=_LOOK_MS,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    try:
        rhythm = _Rhythm(rest, longest)
        for changes in events:
            if rhythm.looks(bool(changes), due):
                yield
                rhythm.looked()
    except (OSError, RuntimeError) as error:
        raise SourceError(
            f"{folder} cannot be watched: {error}.",
            "Check that it exists; on Linux, raise fs.inotify.max_user_watches.",
        ) from error


class _Rhythm:
    """When to look: at once, then after changes that have come to rest."""

    def __init__(self, rest: float, longest: float) -> None:
        self._rest = rest
        self._longest = longest
        self._first: float | None = -math.inf
        self._last = -math.inf
        self._asked = time.monotonic()

    def looks(self, changed: bool, due: Callable[[], bool]) -> bool:
        now = time.monotonic()
        if changed:
            self._first = now if self._first is None else self._first
            self._last = now
        if self._first is not None:
            return now - self._last >= self._rest or now - self._first >= self._longest
        if now - self._asked >= self._longest:
            self._asked = now
            return due()
        return False

    def looked(self) -> None:
        self._first = None
        self._asked = time.monotonic()
