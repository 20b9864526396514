"""``hybridsearch eval ...`` and ``python -m eval ...``: judge every ranking with numbers.

In: collections with judged queries. Out: tables, reports, baselines, qrels, calibrations.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eval.collections import Collection
    from hybridsearch.config import Settings

app = typer.Typer(
    name="eval",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""Judge rankings offline: measures, significance, regret, sweeps, reports.

A collection is one of the built-in names (`mini` is always there; the others are read from the
folder given with `--data`) or your own folder with `queries.jsonl` and a manifest.
""",
)

CollectionArgument = Annotated[
    list[str], typer.Argument(metavar="COLLECTION...", help="Names or folders.")
]
OneCollection = Annotated[str, typer.Argument(metavar="COLLECTION", help="A name or a folder.")]
DataOption = Annotated[Path | None, typer.Option(help="The folder that holds the collections.")]
WorkOption = Annotated[Path, typer.Option(help="Where indexes and runs are kept between calls.")]
EncoderOption = Annotated[
    str, typer.Option("--encoder", "-e", help="The encoder for collections with pictures.")
]
WORK = Path("build/eval")


@app.command()
def run(
    collections: CollectionArgument,
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
    runs: Annotated[
        list[Path] | None, typer.Option("--run", help="A TREC run file to compare as well.")
    ] = None,
    okapi: Annotated[bool, typer.Option(help="Take rank-bm25 as the outside baseline.")] = True,
    calibrated: Annotated[
        bool, typer.Option("--calibrate", help="Fit relevance too and report how good it is.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write an HTML report for each collection below here.")
    ] = None,
) -> None:
    """Measure every system on every class of queries, compare them, write the report.

    `hybridsearch eval run mini`

    `hybridsearch eval run fsac_color tate_collection --data ../shared/data --report build/report`
    """
    from eval.evaluate import Asked, evaluate
    from eval.runs import read_trec
    from eval.tell import tell

    others = [read_trec(path) for path in runs or []]
    for collection in _opened(collections, data, work):
        settings = settings_for(collection, work, encoder)
        asked = Asked(okapi=okapi, others=others, calibrate=calibrated)
        evaluation = evaluate(collection, settings, work / collection.name, asked)
        tell(evaluation)
        if report is not None:
            from eval.report import write_report

            print(f"report: {write_report(evaluation, report / collection.name)}\n")


@app.command()
def sweep(
    collection: OneCollection,
    over: Annotated[str, typer.Option(help="`fusion` (k, weights, depth) or `lexical` (BM25F).")],
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
    by: Annotated[str, typer.Option(help="The measure that chooses.")] = "nDCG@10",
) -> None:
    """Try many settings; choose by cross-validation, so that no query judges its own choice."""
    from eval.grids import fusion_runs, lexical_runs
    from eval.sweeps import sweep as swept
    from eval.tell import tell_sweep
    from hybridsearch.errors import ConfigError

    grids = {"fusion": fusion_runs, "lexical": lexical_runs}
    if over not in grids:
        raise ConfigError(f"There is no sweep over {over!r}.", f"Choose from {', '.join(grids)}.")
    [opened] = _opened([collection], data, work)
    settings = settings_for(opened, work, encoder)
    queries, found = grids[over](opened, settings, work / opened.name)
    tell_sweep(swept(found, queries, by), opened.name)


@app.command()
def planner(
    collections: CollectionArgument,
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
) -> None:
    """Choose the planner's numbers on the dev queries, and check its promise of no regret.

    `NAME=ENCODER` evaluates a collection under an encoder of its own, so that none is judged by
    an encoder that has seen it:

    `hybridsearch eval planner mini fsac_color coco_mini=starter:build/fsac-head.safetensors`
    """
    from eval.planning import study, tell_study

    asked = []
    for told in collections:
        name, _, own = told.partition("=")
        [opened] = _opened([name], data, work)
        asked.append((opened, settings_for(opened, work, own or encoder), work / opened.name))
    tell_study(study(asked))


@app.command()
def calibrate(
    collection: OneCollection,
    archive: Annotated[
        str | None,
        typer.Option("--archive", "-a", help="Calibrate this archive of yours by the queries."),
    ] = None,
    grade: Annotated[int, typer.Option(help="The lowest grade that counts as relevant.")] = 1,
    unanswered: Annotated[
        float, typer.Option(help="The share of queries taken to have no answer.")
    ] = 0.2,
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
) -> None:
    """Fit the probability of relevance to judgements, so that searches can cut off what is not.

    Without `--archive` the evaluation's own index of the collection is calibrated and only the
    figures matter; with it, `hybridsearch search --min-relevance` works on that archive.
    """
    from eval.calibration.calibrate import calibrate as calibrated
    from eval.indexing import open_index
    from eval.tell import tell_calibration
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.config import load_settings

    [opened] = _opened([collection], data, work)
    queries = opened.queries()
    if archive is not None:
        target = open_archive(load_settings(archive=archive))
    else:
        indexed = open_index(opened, settings_for(opened, work, encoder))
        queries = [query.without(indexed.left_out) for query in queries]
        target = indexed.archive
    with target:
        found = calibrated(target, queries, opened.name, grade, unanswered)
        target.calibrations.save(found.model)
    tell_calibration(found)


@app.command()
def labels(
    collections: CollectionArgument,
    column: Annotated[
        str | None,
        typer.Option(help="The manifest's column with what each picture shows; `keywords`."),
    ] = None,
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
) -> None:
    """Judge tags, classifications and descriptions by what pictures are known to show.

    `hybridsearch eval labels fsac_color`

    `NAME=ENCODER` judges a collection under an encoder of its own:

    `hybridsearch eval labels coco_mini=starter:build/fsac-head.safetensors`
    """
    from eval.labels import study, tell_study

    for told in collections:
        name, _, own = told.partition("=")
        [opened] = _opened([name], data, work)
        tell_study(study(opened, settings_for(opened, work, own or encoder), column))


@app.command()
def pool(
    collection: OneCollection,
    qrels: Annotated[Path, typer.Option(help="The file that holds the grades (TREC format).")],
    depth: Annotated[int, typer.Option(help="How many of each system's results are judged.")] = 10,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a sheet (CSV) to grade in a spreadsheet.")
    ] = None,
    read: Annotated[
        Path | None, typer.Option(help="Read the grades of a sheet into the qrels file.")
    ] = None,
    port: Annotated[int, typer.Option(help="Of the judging page on this machine.")] = 8765,
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
) -> None:
    """Judge what the systems found, so that your archive has a test set of its own.

    Without `--sheet` or `--read` a page opens on this machine where keys give the grades:
    `hybridsearch eval pool my-collection --qrels my-collection/qrels.txt`
    """
    from eval.judging import grades_in, pool_of
    from eval.pool import read_sheet, serve_judging, write_sheet
    from eval.qrels import write_qrels

    if read is not None:
        grades = {**grades_in(qrels)}
        for query_id, given in read_sheet(read).items():
            grades[query_id] = {**grades.get(query_id, {}), **given}
        write_qrels(grades, qrels)
        print(f"{sum(map(len, grades.values())):,} grades are in {qrels}")
        return
    [opened] = _opened([collection], data, work)
    settings = settings_for(opened, work, encoder)
    made = pool_of(opened, settings, work / opened.name, depth, grades_in(qrels))
    if sheet is not None:
        write_sheet(made, sheet)
        print(f"{len(made.items):,} results to grade are in {sheet}; read them back with --read")
        return
    serve_judging(made, qrels, port)


@app.command()
def gate(
    collections: CollectionArgument,
    baseline: Annotated[Path, typer.Option(help="The figures that must not fall.")],
    data: DataOption = None,
    work: WorkOption = WORK,
    encoder: EncoderOption = "starter",
    write: Annotated[bool, typer.Option(help="Write the baseline instead of checking it.")] = False,
) -> None:
    """Exit with 1 where a class of queries fell by more than chance allows."""
    from eval.evaluate import Asked, evaluate
    from eval.gate import gate as falls_since
    from eval.gate import read_baseline, record, unguarded, write_baseline

    records = {}
    for collection in _opened(collections, data, work):
        settings = settings_for(collection, work, encoder)
        found = evaluate(collection, settings, work / collection.name, Asked(okapi=False))
        records[collection.name] = record(found.queries, found.scores)
    if write:
        write_baseline(records, baseline)
        print(f"baseline of {', '.join(records)} written to {baseline}")
        return
    before = read_baseline(baseline)
    falls: list[str] = []
    for name, now in records.items():
        if name not in before:
            print(f"{name} is not in the baseline and is not guarded")
            continue
        falls.extend(f"{name}: {fall}" for fall in falls_since(now, before[name]))
        print("\n".join(unguarded(now, before[name])) or f"{name}: compared with {baseline}")
    print("\n".join(falls) or "nothing fell")
    if falls:
        raise typer.Exit(1)


def settings_for(collection: Collection, work: Path, encoder: str) -> Settings:
    """The user's settings, with the collection as the archive and an index of its own."""
    from hybridsearch.config import load_settings

    name = encoder if collection.has_pictures else "none"
    archive = re.sub(r"[^a-z0-9_-]+", "-", f"{collection.name}-{Path(name).name}".lower())
    return load_settings(archive=archive, data_dir=work / "indexes", encoder={"name": name})


def _opened(names: list[str], data: Path | None, work: Path) -> list[Collection]:
    from eval.collections import DEFAULT_DATA, open_collection

    return [open_collection(name, data or DEFAULT_DATA, work=work) for name in names]
