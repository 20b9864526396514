"""The writing half of every build: loaded assets in, a finished generation out.

In: assets that were read, batch by batch. Out: their points in the store, and at the end average
lengths, weights, names, background and indexes that fit what the store holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import DocumentTerms, LengthSums, average_lengths
from hybridsearch.analysis.detect import LanguageDetector, with_language
from hybridsearch.analysis.payload import asset_of, lengths_of
from hybridsearch.domain.generation import DRIFT_TOLERANCE, Generation
from hybridsearch.ingest.background import Backgrounds, background_of
from hybridsearch.ingest.collisions import apart
from hybridsearch.ingest.lengths import KeptLengths
from hybridsearch.ingest.lexicon import LexiconUpkeep
from hybridsearch.ingest.load import Loaded
from hybridsearch.ingest.report import Progress, Report
from hybridsearch.ingest.reweigh import reweigh
from hybridsearch.ingest.room import Room
from hybridsearch.ingest.walking import Step
from hybridsearch.ingest.write import field_lengths, vectors_for, write
from hybridsearch.ports import Encoder, Generations, Lexicons, Store

FIRST_BUILD_TOLERANCE = 0.001
"""A first build ends with exact weights: analysing again costs little beside embedding."""

_REPLACED = ("asset", "lengths")
"""What is read of points before they are written over or deleted, to be counted no longer."""

_AT_ONCE = 1000
"""Points deleted together."""


@dataclass(frozen=True, slots=True)
class Derived:
    """Where a generation keeps what is derived from its store; each is left out where None."""

    lexicons: Lexicons | None = None
    backgrounds: Backgrounds | None = None


class GenerationWriter:
    """Writes into one generation.

    Args:
        room: the disk that is written to; None where it is another machine's.
        detector: tells the language of assets that name none.
    """

    def __init__(
        self,
        generation: Generation,
        generations: Generations,
        store: Store,
        encoder: Encoder | None,
        analyzer: Analyzer,
        derived: Derived,
        *,
        room: Room | None = None,
        detector: LanguageDetector | None = None,
    ) -> None:
        self.generation = generation
        self.store = store
        self._generations = generations
        self._encoder = encoder
        self._analyzer = analyzer
        self._backgrounds = derived.backgrounds
        self._room = room
        self._detector = detector
        finished = generation.complete and not generation.pending
        self._lengths = KeptLengths(store, _sums_of(generation) if finished else None)
        lexicons = derived.lexicons
        self._lexicon = (
            LexiconUpkeep(store, analyzer, lexicons, trusted=finished) if lexicons else None
        )

    def write(
        self,
        batch: Sequence[Loaded],
        report: Report,
        embedded: Callable[[], None] | None = None,
    ) -> None:
        """Analyse, embed and write a batch; it would survive a loss of power afterwards.

        ``embedded`` is called when the vectors are there, before the disk is waited for.

        Raises:
            StoreError: the store failed, or the disk is full.
        """
        if not batch:
            return
        if self._room is not None:
            self._room.check()
        stored = self.store.retrieve([each.work.point_id for each in batch], keys=_REPLACED)
        before = {record.id: asset_of(record.payload) for record in stored}
        loaded, taken = apart(batch, before)
        report.failures.extend(taken)
        if self._detector is not None:
            told = [with_language(each.asset, self._detector) for each in loaded]
            loaded = [replace(each, asset=asset) for each, asset in zip(loaded, told, strict=True)]
        documents = {each.work.point_id: self._analyzer.document(each.asset) for each in loaded}
        self._begin(documents)
        vectors, count = vectors_for(loaded, self._encoder, self.store)
        if embedded is not None:
            embedded()
        lengths = self.generation.average_lengths
        gone = [lengths_of(record.payload) for record in stored if record.id in documents]
        with self._lengths.changing(gone, map(field_lengths, documents.values())):
            write(loaded, documents, vectors, self._analyzer, lengths, self.store)
        if self._lexicon is not None:
            for each in loaded:
                self._lexicon.written(each.asset, before.get(each.work.point_id))
        report.written += len(loaded)
        report.embedded += count

    def delete(self, ids: Sequence[str]) -> int:
        """Remove points; names and weights follow when the build is finished.

        Returns:
            how many of them there were.
        """
        deleted = 0
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            there = self.store.retrieve(part, keys=_REPLACED)
            if not there:
                continue
            self._must_be_finished()
            with self._lengths.changing([lengths_of(each.payload) for each in there]):
                self.store.delete(part)
                self.store.flush()
            if self._lexicon is not None:
                self._lexicon.deleted(asset_of(each.payload) for each in there)
            deleted += len(there)
        return deleted

    def finish(self, report: Report, progress: Progress, *, reweigh_all: bool = False) -> None:
        """Take the averages again, bring the weights to them where they moved, build indexes.

        ``reweigh_all`` for points that several processes wrote, each by averages of its own.
        """
        points = self.store.count()

        def step(done: int) -> None:
            progress.step(done, points)

        progress.phase("measuring")
        sums = self._lengths.sums(step, again=reweigh_all)
        self.save(
            replace(
                self.generation,
                measured_lengths=sums.averages(),
                measured_documents=sums.documents,
                measured_having={each: count for each, count in sums.having.items() if count},
            )
        )
        if self._drifted or reweigh_all:
            progress.phase("weighing words")
            self._reweigh(step, every_field=reweigh_all or not self.generation.complete)
            report.reweighed = True
        if self._lexicon is not None and self._lexicon.due:
            progress.phase("gathering names")
            self._lexicon.finish(step)
        if self._encoder is not None and self._backgrounds is not None:
            progress.phase("measuring the encoder")
            known = self._backgrounds.load(self.generation)
            background = background_of(self.store, self._encoder, known)
            if background is not None and background is not known:
                self._backgrounds.save(background, self.generation)
        progress.phase("building indexes")
        self.store.optimize(lambda: step(0))
        self.store.flush()
        self.save(replace(self.generation, complete=True, pending=False))

    def _reweigh(self, step: Step, *, every_field: bool) -> None:
        """By the averages of now, of every field or of those that moved: one new field in one of
        a million assets must not have all of them weighed, and their index built, anew."""
        known = self.generation
        fields, lengths = None, dict(known.measured_lengths)
        if not every_field:
            fields = known.drifted(DRIFT_TOLERANCE)
            lengths = {**known.average_lengths, **{each: lengths[each] for each in fields}}
        reweigh(self.store, self._analyzer, lengths, fields, step)
        self.save(replace(known, average_lengths=lengths))

    @property
    def unfinished(self) -> bool:
        """Whether this build, or an earlier one that was cut short, left something to finish."""
        known = self.generation
        lexicon_due = self._lexicon is not None and self._lexicon.due
        return known.pending or not known.complete or self._drifted or lexicon_due

    def save(self, generation: Generation) -> None:
        """Remember the generation's new state, here and on the disk."""
        self._generations.save(generation)
        self.generation = generation

    def _begin(self, documents: Mapping[str, DocumentTerms]) -> None:
        """Before the first batch is written: it stands for an archive that had nothing yet."""
        if not self.generation.average_lengths:
            lengths = average_lengths(map(field_lengths, documents.values()))
            self.save(replace(self.generation, average_lengths=lengths, measured_lengths=lengths))
        self._must_be_finished()

    def _must_be_finished(self) -> None:
        if not self.generation.pending:
            self.save(replace(self.generation, pending=True))

    @property
    def _drifted(self) -> bool:
        tolerance = DRIFT_TOLERANCE if self.generation.complete else FIRST_BUILD_TOLERANCE
        return self.generation.drift > tolerance


def _sums_of(generation: Generation) -> LengthSums | None:
    documents = generation.measured_documents
    if not documents:
        return None
    return LengthSums(documents, generation.measured_having, generation.measured_lengths)
