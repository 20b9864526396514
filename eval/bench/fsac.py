"""Quality on real colour photographs: by looks, by words, and by both.

In: the collection fsac_color, through the real ingest. Out: nDCG@10 by class of query, on the
half of the pictures that the starter encoder was not trained on.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import counted, say
from eval.collections import JudgedQuery, open_collection
from eval.indexing import Without
from eval.measures import measure as measure_run
from eval.runs import RankedAsset, Run
from eval.starter.split import in_training_half
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import SearchSection, load_settings
from hybridsearch.domain.query import Query
from hybridsearch.ingest.report import Report as IngestReport

TOP = 10
MEASURE = f"nDCG@{TOP}"
SYSTEMS = {
    "looks only": SearchSection(words_weight=0),
    "words only": SearchSection(looks_weight=0),
    "hybrid": SearchSection(),
}


def measure(data: Path, encoder: str) -> Report:
    """Index the held-out half, ask every query that still has an answer, and judge."""
    collection = open_collection("fsac_color", data)
    source = Without(collection.source(), in_training_half)
    trained = {
        each.asset_id for each in collection.source().entries() if in_training_half(each.asset_id)
    }
    every = collection.queries()
    queries = [cut for each in every if (cut := each.without(trained)).relevant]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load_settings(archive="fsac", data_dir=folder, encoder={"name": encoder})
        with open_archive(settings, create=True) as archive:
            say("indexing the held-out half of fsac_color")
            done = archive.ingest().run(source)
            card = archive.encoder.card.name if archive.encoder else "none"
            scores = {name: judged(archive, name, queries) for name in SYSTEMS}
    return _report(card, done, len(every), queries, scores)


def judged(archive: Archive, system: str, queries: Sequence[JudgedQuery]) -> dict[str, float]:
    """nDCG@10 of every query, by its id; a query without an answer has 0."""
    settings = archive.settings.model_copy(update={"search": SYSTEMS[system]})
    engine = replace(archive, settings=settings).search()
    rankings = {}
    for each in counted(queries, f"searching, {system}", len(queries)):
        hits = engine.search(Query(each.text, limit=TOP)).hits
        rankings[each.id] = tuple(RankedAsset(hit.asset.id, hit.score) for hit in hits)
    scores = measure_run(Run(system, rankings), queries, [MEASURE]).per_query
    return {query_id: by_measure[MEASURE] for query_id, by_measure in scores.items()}


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
