"""Quality on real colour photographs: by looks, by words, and by both.

In: the collection fsac_color, through the real ingest. Out: nDCG@10 by class of query, on the
half of the pictures that the starter encoder was not trained on.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import ir_measures
from ir_measures import Qrel, ScoredDoc, nDCG

from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import counted, say
from eval.collections import JudgedQuery, open_collection
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import SearchSection, load_settings
from hybridsearch.domain.query import Query
from hybridsearch.ingest.entry import Entry, Failure, Source
from hybridsearch.ingest.report import Report as IngestReport

TOP = 10
MEASURE = nDCG @ TOP
SYSTEMS = {
    "looks only": SearchSection(words_weight=0),
    "words only": SearchSection(looks_weight=0),
    "hybrid": SearchSection(),
}
Kept = Callable[[str], bool]


def measure(data: Path, encoder: str) -> Report:
    """Index the held-out half, ask every query that still has an answer, and judge."""
    from eval.starter.split import in_training_half

    def held_out(asset_id: str) -> bool:
        return not in_training_half(asset_id)

    collection = open_collection("fsac_color", data)
    every = collection.queries()
    queries = within(every, held_out)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load_settings(archive="fsac", data_dir=folder, encoder={"name": encoder})
        with open_archive(settings, create=True) as archive:
            say("indexing the held-out half of fsac_color")
            done = archive.ingest().run(HeldOut(collection.source(), held_out))
            card = archive.encoder.card.name if archive.encoder else "none"
            scores = {name: judged(archive, how, queries) for name, how in SYSTEMS.items()}
    return _report(card, done, len(every), queries, scores)


class HeldOut:
    """The entries of a source whose asset may count in a figure."""

    def __init__(self, source: Source, kept: Kept) -> None:
        self._source = source
        self._kept = kept

    def count(self) -> int:
        """How many entries are kept."""
        return sum(1 for _ in self.entries())

    def entries(self) -> Iterator[Entry | Failure]:
        """Those that are kept, in the source's order."""
        return (each for each in self._source.entries() if self._kept(each.asset_id))


def within(queries: Sequence[JudgedQuery], kept: Kept) -> list[JudgedQuery]:
    """The queries judged against the kept assets alone, without those that then have no answer."""
    cut = [
        replace(each, relevant={key: grade for key, grade in each.relevant.items() if kept(key)})
        for each in queries
    ]
    return [each for each in cut if each.relevant]


def judged(
    archive: Archive, how: SearchSection, queries: Sequence[JudgedQuery]
) -> dict[str, float]:
    """nDCG@10 of every query, by its id; a query without an answer has 0."""
    engine = replace(archive, settings=archive.settings.model_copy(update={"search": how})).search()
    run = []
    for each in counted(queries, "searching", len(queries)):
        hits = engine.search(Query(each.text, limit=TOP)).hits
        # By rank: the measure sorts by score, and would order equal scores its own way.
        run += [ScoredDoc(each.id, hit.asset.id, float(-hit.rank)) for hit in hits]
    qrels = [Qrel(each.id, key, grade) for each in queries for key, grade in each.relevant.items()]
    scores = {each.id: 0.0 for each in queries}
    scores.update(
        {found.query_id: found.value for found in ir_measures.iter_calc([MEASURE], qrels, run)}
    )
    return scores


def _report(
    encoder: str,
    done: IngestReport,
    asked: int,
    queries: Sequence[JudgedQuery],
    scores: dict[str, dict[str, float]],
) -> Report:
    rows = _rows(queries, scores)
    targets = [
        Target(
            f"hybrid, {row['class']}: as good as the better of the two alone",
            float(row["hybrid"]),
            max(float(row["looks only"]), float(row["words only"])),
            at_least=True,
        )
        for row in rows
    ]
    return Report(
        "Quality on fsac_color",
        {
            "encoder": encoder,
            "pictures": done.written,
            "failed": len(done.failures),
            "queries": len(queries),
            "queries dropped": asked - len(queries),
        },
        [Table("nDCG@10 by class of query (means)", rows)],
        targets,
        [
            "Only the half of the pictures that the starter encoder was not trained on is indexed",
            "and judged; a query whose every answer lies in the other half is dropped.",
        ],
    )


def _rows(
    queries: Sequence[JudgedQuery], scores: dict[str, dict[str, float]]
) -> list[dict[str, Cell]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for each in queries:
        kinds[each.kind].append(each.id)
        kinds["all"].append(each.id)
    return [
        {
            "class": kind,
            "queries": len(kinds[kind]),
            **{
                system: sum(by_query[each] for each in kinds[kind]) / len(kinds[kind])
                for system, by_query in scores.items()
            },
        }
        for kind in (*sorted(set(kinds) - {"all"}), "all")
    ]
