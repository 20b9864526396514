"""The commands. What they need is imported when they run, so that help is instant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
LimitOption = Annotated[int | None, typer.Option("--limit", "-n", help="How many hits.")]


@app.command()
def ingest(
    source: Annotated[
        Path, typer.Argument(help="A folder of pictures, or a manifest (.jsonl or .csv, also .gz).")
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
    as_json: JsonOption = False,
) -> None:
    """Index pictures with their captions, names, places and dates.

    Metadata inside the pictures (XMP, IPTC, EXIF) is read too; a manifest's values go first.
    A manifest has one asset a line: `id`, `file` and any of headline, caption, keywords,
    people, organisations, event, city, region, country, creator, credit, date_created, ...;
    other columns are kept and shown.

    Run it again at any time: what has not changed is left alone, what was interrupted goes on.
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.ingesting import print_report, source_from, watched
    from hybridsearch.ingest.report import write_failures

    listed = source_from(source, root, rename or [], drop or [])
    with open_archive(_settings(archive, encoder), create=True) as opened:
        report = watched(opened.ingest(), listed, quiet=as_json)
        write_failures(report.failures, opened.failures_file)
        print_report(report, opened, as_json)
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
    archive: ArchiveOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search by words, by a picture, or by both; every hit says why it is there.

    `hybridsearch search Grace Hopper`

    `hybridsearch search "a rocket at night" --since 2015 --filter country="United States"`

    `hybridsearch search --picture photo.jpg red motorcycle`
    """
    from hybridsearch.domain.query import Query
    from hybridsearch.search.conditions import filter_from

    conditions = filter_from(filter or [], since, until)
    settings = _settings(archive, encoder)
    query = Query(
        " ".join(words or []),
        picture,
        filter=conditions,
        limit=limit or settings.search.limit,
        min_relevance=min_relevance,
    )
    _answer(query, settings, as_json)


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
    """Index a small archive of real photographs and run a few telling searches on it."""
    from hybridsearch.cli.demonstration import run_demo

    run_demo(_settings("demo", encoder))


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


def _answer(query: Query, settings: Settings, as_json: bool) -> None:
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.tables import print_answer

    with open_archive(settings) as opened:
        print_answer(opened.search().search(query), query, as_json)
