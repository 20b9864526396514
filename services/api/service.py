"""The service: the archives it serves, its threads, keys, jobs and metrics, put together.

In: settings. Out: what the routes call. Nothing here knows of HTTP but for the refusals.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import TypeVar

from hybridsearch.bootstrap import Archive
from hybridsearch.config import Settings
from hybridsearch.errors import ArchiveNotFound, HybridSearchError, StoreUnavailable
from services.api.buckets import Buckets
from services.api.jobs import Jobs, finisher
from services.api.keys import Keys
from services.api.metrics import Metrics
from services.api.problems import overloaded
from services.api.roots import Roots
from services.api.served import Served
from services.api.threads import in_thread

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FOLLOW_EVERY = 1.0
"""Seconds between two looks at which generation is the live one."""

WARM_UP_EVERY = 5.0
"""Seconds after which a service that is not ready tries again."""


class Service:
    """Everything that the routes share. ``close`` it when no request is left."""

    def __init__(self, settings: Settings) -> None:
        """
        Raises:
            HybridSearchError: an archive cannot be opened.
        """
        self.settings = settings
        own = settings.service
        names = dict.fromkeys((settings.archive, *own.archives))
        self.archives: dict[str, Served] = {}
        self.jobs = Jobs()
        self.metrics = Metrics()
        self.keys = Keys(settings.keys_file)
        self.buckets = Buckets(own.rate, own.burst)
        self.roots = Roots(own.roots)
        self.stopping = Event()
        """Set when the service is about to end: streams of events end then."""
        self.warm = Event()
        """Set when every model is loaded and every store has answered."""
        self.unready: HybridSearchError | None = None
        """Why it is not, where that has been tried."""
        self._searchers = ThreadPoolExecutor(own.threads, thread_name_prefix="search")
        self._others = ThreadPoolExecutor(4, thread_name_prefix="work")
        self._waiting = 0
        self.metrics.waiting.set_function(lambda: self._waiting)
        self._lock = Lock()
        try:
            for name in names:
                chosen = settings.model_copy(update={"archive": name})
                self.archives[name] = Served(chosen)
        except BaseException:
            self.close()
            raise
        self.metrics.watch(list(self.archives.values()), self.jobs)
        self._helpers = [
            Thread(target=self._warm_up, name="warm-up", daemon=True),
            Thread(target=self._finish, name="finisher", daemon=True),
            Thread(target=self._follow, name="follower", daemon=True),
        ]
        for thread in self._helpers:
            thread.start()

    @property
    def keyed(self) -> bool:
        """Whether requests need a key: always when asked from elsewhere."""
        own = self.settings.service
        return own.require_key or not is_loopback(own.host)

    def archive(self, name: str | None) -> Served:
        """An archive by its name; the first where None.

        Raises:
            ArchiveNotFound: it is not served here.
        """
        if name is None:
            return next(iter(self.archives.values()))
        if name not in self.archives:
            raise ArchiveNotFound(
                f"There is no archive {name!r} here.", f"Choose from {', '.join(self.archives)}."
            )
        return self.archives[name]

    def is_default(self, served: Served) -> bool:
        """Whether requests without an archive mean this one."""
        return served is next(iter(self.archives.values()))

    async def searching(self, served: Served, work: Callable[[float], Result]) -> Result:
        """Run a search in a search thread; ``work`` gets the seconds that it has waited.

        Where the engine process has ended it is started again, and the search tried once more.

        Raises:
            Refusal: too many searches wait.
        """
        if self._waiting >= self.settings.service.waiting:
            raise overloaded()
        self._waiting += 1
        asked = time.perf_counter()

        def turn() -> Result:
            waited = time.perf_counter() - asked
            try:
                with served.pinned() as broken:
                    return work(waited)
            except StoreUnavailable:
                self._reopen(served, broken)
                with served.pinned():
                    return work(waited)

        try:
            return await in_thread(self._searchers, turn)
        finally:
            self._waiting -= 1

    async def working(self, work: Callable[[], Result]) -> Result:
        """Run anything else that takes time (files, writes) in a thread of its own kind."""
        return await in_thread(self._others, work)

    def close(self) -> None:
        """Finish what began: searches, then the batches of jobs; then let go of everything."""
        self.stopping.set()
        self._searchers.shutdown(wait=True)
        self._others.shutdown(wait=True)
        self.jobs.close()
        for served in self.archives.values():
            served.close()

    def _reopen(self, served: Served, broken: Archive) -> None:
        try:
            served.reopen(broken)
        except HybridSearchError:
            log.exception("the store cannot be opened", extra={"archive": served.name})
            raise

    def _warm_up(self) -> None:
        """Again and again: a model may yet be put in its place, a store may start later."""
        while not self.stopping.is_set():
            try:
                for served in self.archives.values():
                    served.warm_up()
            except HybridSearchError as error:
                self.unready = error
                log.warning("the service is not ready: %s", error)
                self.stopping.wait(WARM_UP_EVERY)
            else:
                self.unready = None
                self.warm.set()
                return

    def _follow(self) -> None:
        """Have each archive answer from whatever generation is the live one."""
        told: dict[str, str] = {}
        while not self.stopping.wait(FOLLOW_EVERY):
            for served in self.archives.values():
                try:
                    served.follow()
                    told.pop(served.name, None)
                except HybridSearchError as error:
                    if told.get(served.name) != str(error):  # once, not every second
                        told[served.name] = str(error)
                        extra = {"archive": served.name}
                        log.warning("the new generation cannot be opened: %s", error, extra=extra)

    def _finish(self) -> None:
        after = self.settings.service.finish_after
        finisher(self.jobs, list(self.archives.values()), after, self.stopping.wait)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    return host in ("localhost", "::1") or host.startswith("127.")
