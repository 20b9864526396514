"""The commands. What they need is imported when they run, so that help is instant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybridsearch.cli import labelling, rebuilding, syncing

if TYPE_CHECKING:
    from hybridsearch.config import Settings
    from hybridsearch.domain.query import Query

app = typer.Typer(
    name="hybridsearch",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Find pictures by what they show **and** by what is written about them.

Start here: `hybridsearch demo` indexes a few photographs and searches them.

Then your own: `hybridsearch ingest ~/Pictures`, and
`hybridsearch search "explosion at Melamin factory"`.
""",
)

ArchiveOption = Annotated[
    str | None, typer.Option("--archive", "-a", help="Which archive; each has an index of its own.")
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        "-e",
        help="`starter` (no download), `none` (words only), or a CLIP model by name or path. "
        "Default: the archive's own, or clip-ViT-B-32 for a new archive.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        "-f",
        metavar="FIELD=VALUE",
        help="Only pictures whose field has the value: `city=Butte`, `people='Grace Hopper'`; "
        "`city!=Butte` excludes. A field given twice means either value.",
    ),
]
SinceOption = Annotated[
    str | None, typer.Option(help="Taken on or after: 1942, 1942-10 or 1942-10-05.")
]
UntilOption = Annotated[str | None, typer.Option(help="Taken on or before.")]
RelevanceOption = Annotated[
    float | None,
    typer.Option(
        help="Leave out what is less likely relevant than this (0 to 1); the archive must have "
        "been calibrated with `hybridsearch eval calibrate`."
    ),
]
FusionOption = Annotated[
    str | None,
    typer.Option(
        help="How rankings become one: `evidence` (the planner's own), `rrf`, or `convex`. "
        "Default: search.fusion of the configuration."
    ),
]
SortOption = Annotated[
    str, typer.Option(help="`relevance`, or by date within what answers: `newest`, `oldest`.")
]
FoldOption = Annotated[bool, typer.Option("--fold", help="Show near duplicates as one hit.")]
CursorOption = Annotated[
    str | None, typer.Option(help="The next page: the cursor that the last answer gave.")
]
FacetsOption = Annotated[
    bool, typer.Option("--facets", help="Count people, places, years, ... among the filter's.")
]
LimitOption = Annotated[int | None, typer.Option("--limit", "-n", help="How many hits.")]


@app.command()
def ingest(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder of pictures, or a manifest (.jsonl or .csv, also .gz; .parquet)."
        ),
    ],
    archive: ArchiveOption = None,
    encoder: EncoderOption = None,
    root: Annotated[
        Path | None, typer.Option(help="What the manifest's `file` column is relative to.")
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Read an asset field from another column: `--map creator=photographer`.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Leave a column of the manifest out."),
    ] = None,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed",
            help="Only what failed in the last ingest of this source; see failures.jsonl.",
        ),
    ] = False,
    partition: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Only the I-th of N parts, for N machines that write to one Qdrant server; "
            "`hybridsearch finish` when all are done.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Index pictures with their captions, names, places and dates.

    Metadata inside the pictures and beside them (XMP, also as sidecars, IPTC, EXIF) is read too;
    a manifest's values go first.
    A manifest has one asset a line: `id`, `file` and any of headline, caption, keywords,
    people, organisations, event, city, region, country, creator, credit, date_created, ...;
    other columns are kept and shown.

    Run it again at any time: what has not changed is left alone, what was interrupted goes on.
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.ingesting import print_report, source_from, watched
    from hybridsearch.ingest.partition import failures_file_of, partition_of
    from hybridsearch.ingest.report import write_failures
    from hybridsearch.ingest.retry import RetrySource, read_failures, still_failing

    listed = source_from(source, root, rename or [], drop or [])
    settings = _settings(archive, encoder)
    # The engine in a process of its own: an interrupt need not wait while it builds indexes.
    with open_archive(settings, create=not retry_failed, serve=True) as opened:
        failures = failures_file_of(opened.failures_file, partition)
        before = read_failures(failures)
        chosen = RetrySource(listed, before) if retry_failed else listed
        if partition is not None:
            chosen = partition_of(chosen, partition)
        flow = opened.ingest()
        report = watched(
            lambda progress: flow.run(chosen, progress, finish=partition is None), quiet=as_json
        )
        write_failures(still_failing(before, report), failures)
        print_report(report, opened, as_json, failures)
    if report.interrupted:
        raise typer.Exit(130)


@app.command()
def search(
    words: Annotated[
        list[str] | None, typer.Argument(help="What to look for, in your own words.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", "-p", help="A picture to look like.")
    ] = None,
    filter: FilterOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = None,
    min_relevance: RelevanceOption = None,
    sort: SortOption = "relevance",
    fold: FoldOption = False,
    cursor: CursorOption = None,
    pages: Annotated[
        bool, typer.Option("--pages", help="Give a cursor for the next page.")
    ] = False,
    facets: FacetsOption = False,
    fusion: FusionOption = None,
    archive: ArchiveOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search by words, by a picture, or by both; every hit says why it is there.

    `hybridsearch search Grace Hopper`

    `hybridsearch search '"Melamin" explosion -drill by:Kovač date:2022'`: quotes require a
    phrase, a hyphen excludes, `field:value` and dates filter; see docs/query-language.md.

    `hybridsearch search "a rocket at night" --since 2015 --filter country="United States"`

    `hybridsearch search --picture photo.jpg red motorcycle`
    """
    from hybridsearch.cli.asking import one_of
    from hybridsearch.domain.plan import Method
    from hybridsearch.domain.query import Order, Query
    from hybridsearch.search.conditions import filter_from

    settings = _settings(archive, encoder)
    query = Query(
        " ".join(words or []),
        picture,
        filter=filter_from(filter or [], since, until),
        limit=limit or settings.search.limit,
        min_relevance=min_relevance,
        paged=pages or cursor is not None,
        cursor=cursor,
        order=one_of(Order, sort, "--sort"),
        fold=fold,
        method=one_of(Method, fusion, "--fusion") if fusion else None,
    )
    _answer(query, settings, as_json, facets=facets)


@app.command()
def plan(
    words: Annotated[list[str], typer.Argument(help="The query, as it would be searched.")],
    fusion: FusionOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a search would do: what was understood, which rankings, how much each counts."""
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.asking import one_of
    from hybridsearch.cli.plans import print_plan
    from hybridsearch.domain.plan import Method
    from hybridsearch.domain.query import Query

    method = one_of(Method, fusion, "--fusion") if fusion else None
    with open_archive(_settings(archive, None)) as opened:
        print_plan(opened.search().plan(Query(" ".join(words), method=method)), as_json)


@app.command()
def similar(
    asset: Annotated[str, typer.Argument(help="The id of a picture in the archive.")],
    filter: FilterOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """More pictures that look like one of the archive; for a file use `search --picture`."""
    from hybridsearch.domain.query import Query
    from hybridsearch.search.conditions import filter_from

    settings = _settings(archive, None)
    conditions = filter_from(filter or [], since, until)
    query = Query(like=asset, filter=conditions, limit=limit or settings.search.limit)
    _answer(query, settings, as_json)


@app.command()
def status(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """What the archive holds, by which encoder, and whether it needs anything."""
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.tables import print_status

    with open_archive(_settings(archive, None)) as opened:
        print_status(opened, as_json)


@app.command()
def export(
    encoder: EncoderOption = None,
    int8: Annotated[
        bool,
        typer.Option(
            "--int8",
            help="8-bit numbers: about twice as fast and a quarter of the size, but less exact, "
            "and a vector space of its own (encoder.precision).",
        ),
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a copy of the CLIP model that needs no PyTorch: searches then start in a moment.

    The copy is used from then on wherever the processor computes; its vectors are those of the
    model itself, so nothing has to be indexed again. Needs `hybridsearch[export]` once.
    """
    from hybridsearch.bootstrap import export_encoder
    from hybridsearch.cli.exporting import print_exports

    exports = export_encoder(_settings(archive, encoder), "int8" if int8 else "fp32")
    print_exports(exports, as_json)


@app.command()
def config(as_json: JsonOption = False) -> None:
    """Print the settings in force and where they come from.

    Settings are read from `hybridsearch.toml` in the working folder, or from the file that
    `$HYBRIDSEARCH_CONFIG` names, or from the user's configuration folder; the environment goes
    first: `HYBRIDSEARCH_SEARCH__LIMIT=20`.
    """
    from hybridsearch.cli.tables import print_settings

    print_settings(_settings(None, None), as_json)


@app.command()
def demo(encoder: EncoderOption = "starter") -> None:
    """Index a small archive of real photographs, run a few telling searches, offer to serve it."""
    from hybridsearch.cli.demonstration import run_demo

    run_demo(_settings("demo", encoder))


app.add_typer(labelling.app)
app.add_typer(rebuilding.app)
app.add_typer(syncing.app)


def with_plugins(commands: typer.Typer) -> typer.Typer:
    """The commands and those that other packages bring (``eval``), by their entry points."""
    from importlib.metadata import entry_points

    for each in entry_points(group="hybridsearch.commands"):
        commands.add_typer(each.load(), name=each.name)
    return commands


def _settings(archive: str | None, encoder: str | None) -> Settings:
    """The configuration, with what the command line says on top."""
    from hybridsearch.config import load_settings

    said: dict[str, Any] = {}
    if archive is not None:
        said["archive"] = archive
    if encoder is not None:
        said["encoder"] = {"name": encoder}
    return load_settings(**said)


def _answer(query: Query, settings: Settings, as_json: bool, *, facets: bool = False) -> None:
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.tables import print_answer

    with open_archive(settings) as opened:
        engine = opened.search()
        answer = engine.search(query)
        counted = engine.facets(answer.plan.filter) if facets else ()
        print_answer(answer, query, counted, as_json)
