"""The engine process's desk: one store, asked over a pipe, one request after the other.

In: frames on standard input (see ``wire``). Out: frames on what was standard output. It ends
when it is asked to close or when its input ends, so with its parent.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import IO, Any, Protocol, runtime_checkable

from hybridsearch.adapters.stores import wire
from hybridsearch.adapters.stores.answers import Answer
from hybridsearch.domain.filters import Filter
from hybridsearch.errors import HybridSearchError, StoreError
from hybridsearch.ports import PointRecord, RankQuery, SparseVector, Store


@runtime_checkable
class Answering(Protocol):
    """A store that can leave out the making of rankings, which the parent has to do again."""

    def answers(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Answer]:
        """As ``rank``."""
        ...


def main() -> None:
    """Open the store that the first frame describes and serve it until the input ends."""
    faulthandler.enable()
    requests, answers = sys.stdin.buffer, _private_output()
    try:
        store = _open(wire.receive(requests))
    except EOFError:
        return
    except Exception as fault:
        wire.send(answers, (False, _ours("opening", fault)))
        return
    try:
        wire.send(answers, (True, os.getpid()))
        _serve(Desk(store), requests, answers)
    except (EOFError, BrokenPipeError):
        pass
    finally:
        store.close()


def _private_output() -> IO[bytes]:
    """Standard output for answers alone; what anyone prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _open(spec: wire.EngineSpec) -> Store:
    if spec.engine == "memory":
        from hybridsearch.adapters.stores.memory import MemoryStore

        return MemoryStore(spec.schema)
    if spec.engine == "edge":
        from hybridsearch.adapters.stores.edge import EdgeStore

        return EdgeStore(
            spec.folder,
            spec.schema,
            tuning=spec.tuning,
            holder=spec.holder,
            holder_pid=spec.holder_pid,
        )
    raise StoreError(f"There is no engine {spec.engine!r}.", "Use edge or memory.")


def _serve(desk: Desk, requests: IO[bytes], answers: IO[bytes]) -> None:
    method = ""
    while method != "close":
        method, arguments = wire.receive(requests)
        try:
            answer = (True, desk.methods[method](*arguments))
        except Exception as fault:
            answer = (False, _ours(method, fault))
        wire.send(answers, answer)


def _ours(doing: str, fault: Exception) -> HybridSearchError:
    """Errors of ours cross as they are; others are a defect, told in full on standard error."""
    if isinstance(fault, HybridSearchError):
        return fault
    traceback.print_exception(fault)
    return StoreError(
        f"The engine process failed while {doing}: {type(fault).__name__}: {fault}.",
        "This is a defect; please report it with this text.",
    )


class Desk:
    """Takes requests in the pipe's form, asks the store, answers in the pipe's form."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._scrolls: dict[int, Iterator[list[PointRecord]]] = {}
        self._numbers = count()
        self.methods: Mapping[str, Callable[..., Any]] = {
            "upsert": self._upsert,
            "delete": store.delete,
            "rank": self._rank,
            "dated": self._dated,
            "idf": store.idf,
            "retrieve": self._retrieve,
            "scroll": self._scroll,
            "scroll_next": self._scroll_next,
            "scroll_end": self._scroll_end,
            "reweigh": self._reweigh,
            "count": store.count,
            "facet": self._facet,
            "flush": store.flush,
            "optimize": store.optimize,
            "info": store.info,
            "close": store.close,
        }

    def _upsert(self, packed: wire.Packed) -> None:
        self._store.upsert(wire.unpack_points(packed))

    def _rank(self, queries: Sequence[RankQuery], complete: bool) -> list[wire.Packed]:
        if isinstance(self._store, Answering):
            found = self._store.answers(queries, complete=complete)
        else:
            found = [Answer.of(each) for each in self._store.rank(queries, complete=complete)]
        return [wire.pack_answer(answer) for answer in found]

    def _dated(self, key: str, limit: int, filter: Filter, newest: bool) -> wire.Packed:
        found = self._store.dated(key, limit, filter, newest=newest)
        return wire.pack_answer(Answer.of(found))

    def _retrieve(
        self, ids: Sequence[str], keys: Sequence[str] | None, vectors: bool
    ) -> wire.Packed:
        return wire.pack_records(self._store.retrieve(ids, keys=keys, vectors=vectors))

    def _facet(self, key: str, limit: int, filter: Filter) -> wire.Packed:
        return wire.pack_counts(self._store.facet(key, limit, filter))

    def _scroll(self, batch: int, keys: Sequence[str] | None) -> int:
        number = next(self._numbers)
        self._scrolls[number] = self._store.scroll(batch=batch, keys=keys)
        return number

    def _scroll_next(self, number: int) -> wire.Packed | None:
        records = next(self._scrolls[number], None)
        return None if records is None else wire.pack_records(records)

    def _scroll_end(self, number: int) -> None:
        self._scrolls.pop(number, None)

    def _reweigh(self, ids: Sequence[str], packed: wire.Packed) -> None:
        vectors: Sequence[SparseVector] = wire.unpack_sparse(packed)
        self._store.reweigh(dict(zip(ids, vectors, strict=True)))
