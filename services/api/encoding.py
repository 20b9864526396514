"""One encoder shared by all searches: texts asked at the same moment go through it together.

In: texts from many threads. Out: their vectors. While the encoder works, what else is asked
waits in one queue and is then embedded as one batch: a text that comes alone is never kept
waiting for company, and a crowd pays for few calls. Vectors of texts are kept (least recently
used go first), by the encoder's fingerprint and name and the text.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import numpy as np

from hybridsearch.analysis.vectors import DEFAULT_BATCH
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Encoder, Matrix, Pixels, Vector, View, Viewing

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    answer: Future[Vector]


class SharedEncoder:
    """An encoder whose texts are batched and cached; pictures go straight through.

    Safe to call from many threads. The encoder inside sees texts from one thread only, since
    tokenizers are not safe to share.
    """

    def __init__(self, encoder: Encoder, kept: int = 10_000, batch: int = DEFAULT_BATCH) -> None:
        """
        Args:
            encoder: the one that does the work.
            kept: texts whose vectors are kept; 0 keeps none.
            batch: texts handed over in one call at most.
        """
        self._encoder = encoder
        self._kept = kept
        self._batch = batch
        self._known: OrderedDict[_Key, Future[Vector]] = OrderedDict()
        self._lock = Lock()
        self._queue: SimpleQueue[_Asked | None] = SimpleQueue()
        self._closed = False
        self.hits = 0
        self.misses = 0
        self.batches = 0
        self._thread = Thread(target=self._work, name="encoder", daemon=True)
        self._thread.start()

    @property
    def card(self) -> EncoderCard:
        """The encoder's own."""
        return self._encoder.card

    @property
    def waiting(self) -> int:
        """Texts in the queue."""
        return self._queue.qsize()

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """One row for each text, in the order given.

        Raises:
            EncoderError: the encoder failed on a text, or was closed.
        """
        if not texts:
            return self._encoder.embed_texts(texts)
        answers = [self._vector_of(text) for text in texts]
        return np.stack([each.result() for each in answers])

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """As the encoder does it."""
        return self._encoder.embed_pictures(pictures)

    def view(self) -> View | None:
        """What the encoder looks at; None where it wants whole pictures."""
        return self._encoder.view() if isinstance(self._encoder, Viewing) else None

    def batch(self) -> int:
        """The number of pictures that suits the encoder."""
        return self._encoder.batch() if isinstance(self._encoder, Viewing) else DEFAULT_BATCH

    def close(self) -> None:
        """Embed what waits, then take no more. Closing twice is no error."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _vector_of(self, text: str) -> Future[Vector]:
        """The text's vector, made, being made, or asked for now."""
        card = self._encoder.card
        # The fingerprint is the pictures' space; another text tower for it has another name.
        key = (card.fingerprint, card.name, text)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self.hits += 1
                self._known.move_to_end(key)
                return known
            if self._closed:
                raise EncoderError("The encoder is closed.", "Start the service again.")
            self.misses += 1
            answer: Future[Vector] = Future()
            if self._kept:
                self._known[key] = answer
                while len(self._known) > self._kept:
                    self._known.popitem(last=False)
            self._queue.put(_Asked(text, answer))
        answer.add_done_callback(lambda done: self._forget_failed(key, done))
        return answer

    def _forget_failed(self, key: _Key, done: Future[Vector]) -> None:
        if done.exception() is not None:
            with self._lock:
                if self._known.get(key) is done:
                    del self._known[key]

    def _work(self) -> None:
        going_on = True
        while going_on:
            first = self._queue.get()
            if first is None:
                return
            asked, going_on = self._and_what_waits(first)
            self.batches += 1
            self._answer(asked)

    def _and_what_waits(self, first: _Asked) -> tuple[list[_Asked], bool]:
        asked = [first]
        while len(asked) < self._batch:
            try:
                another = self._queue.get_nowait()
            except Empty:
                break
            if another is None:
                return asked, False
            asked.append(another)
        return asked, True

    def _answer(self, asked: Sequence[_Asked]) -> None:
        """Where a batch fails, each text is tried alone: one must not spoil the others."""
        try:
            rows = np.asarray(self._encoder.embed_texts([each.text for each in asked]))
            if len(rows) != len(asked):
                raise EncoderError(
                    f"Encoder {self.card.name} answered {len(asked)} texts with {len(rows)} rows.",
                    "This is a fault of the encoder: configure another one.",
                )
        except Exception as fault:
            if len(asked) == 1:
                asked[0].answer.set_exception(fault)
                return
            for each in asked:
                self._answer([each])
            return
        for each, row in zip(asked, rows, strict=True):
            # A copy: a row would keep its whole batch in memory for as long as it is kept.
            each.answer.set_result(np.array(row))
