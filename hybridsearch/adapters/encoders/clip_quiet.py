"""Keeps the model libraries from writing to the terminal while a model is fetched or loaded.

In: nothing. Out: what transformers would have printed, as text. Their switches are global to
the process, so they are turned for the length of one call and turned back, one call at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_LOCK = RLock()


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def quiet() -> Iterator[list[str]]:
    """No progress bars; gives the list that transformers' warnings are added to."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
    from transformers.utils import logging as transformers_logging

    with _LOCK:
        logger = logging.getLogger("transformers")
        bars = transformers_logging.is_progress_bar_enabled()
        hub_bars = not are_progress_bars_disabled()
        handlers, propagate, kept = logger.handlers[:], logger.propagate, _Kept()
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        disable_progress_bars()
        logger.handlers, logger.propagate = [kept], False
        try:
            yield kept.lines
        finally:
            logger.handlers, logger.propagate = handlers, propagate
            if bars:
                transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
            if hub_bars:
                enable_progress_bars()
