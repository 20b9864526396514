"""Several reader processes behind ``ingest.readers.Readers``.

In: work, in any number. Out: futures. A process that a file has ended is replaced; the next file
finds a fresh one.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.process import ReaderProcess
from hybridsearch.errors import ReaderError
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded, load

_Task = tuple[Work, "Future[Loaded | Failure]"]


class ProcessReaders:
    """Starts a process for each of the first pieces of work, up to ``count``.

    Its threads only wait for their processes. They are daemons: an interrupt that hits between
    two statements must not leave a program that cannot end.
    """

    def __init__(self, order: ReadingOrder, count: int) -> None:
        self._order = order
        self._count = count
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._processes: set[ReaderProcess] = set()
        self._changing = Lock()
        self._closed = False

    def start(self, work: Work) -> Future[Loaded | Failure]:
        """Begin reading; the answer comes through the future.

        The future raises ``ReaderError`` where no process can be started.
        """
        future: Future[Loaded | Failure] = Future()
        if not work.entry.has_picture:  # nothing to read, and nothing that could do harm
            future.set_result(load(work, self._order.media))
            return future
        self._tasks.put((work, future))
        if len(self._threads) < self._count:
            thread = Thread(target=self._serve, name="reader", daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def close(self) -> None:
        """End all processes at once and cancel what has not begun. Twice is no error."""
        with self._changing:
            self._closed = True
            processes = list(self._processes)
        with suppress(Empty):
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    task[1].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        for process in processes:
            process.kill()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        process: ReaderProcess | None = None
        while (task := self._tasks.get()) is not None:
            work, future = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if process is None or not process.alive:
                    process = self._replaced(process)
                future.set_result(process.load(work))
            except BaseException as error:  # the waiting side raises it
                future.set_exception(error)

    def _replaced(self, old: ReaderProcess | None) -> ReaderProcess:
        fresh = ReaderProcess(self._order)
        with self._changing:
            self._processes.add(fresh)
            if old is not None:
                self._processes.discard(old)
            closed = self._closed
        if old is not None:
            old.kill()
        if closed:
            fresh.kill()
            raise ReaderError("The readers are closed.", "Start the ingest again.")
        return fresh
