"""``hybridsearch rebuild | generations | rollback | finish``: the index as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hybridsearch.config import Settings

app = typer.Typer(rich_markup_mode="markdown")
generations_app = typer.Typer(
    rich_markup_mode="markdown",
    invoke_without_command=True,
    help="The builds of the index, and which of them answers.",
)
app.add_typer(generations_app, name="generations")

ArchiveOption = Annotated[
    str | None, typer.Option("--archive", "-a", help="Which archive; each has an index of its own.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def rebuild(
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder", "-e", help="Another encoder; default: the configuration's, or the same."
        ),
    ] = None,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="With 8-bit numbers: faster, less exact, a space of its own."),
    ] = False,
    accept_failures: Annotated[
        bool,
        typer.Option(
            "--accept-failures", help="Go on however many pictures cannot be read any more."
        ),
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the index anew beside the live one, for another encoder or other [analysis] settings.

    Searches go on meanwhile, also those of a running service, which takes up the new index when
    it is complete. Other analysis settings cost no reading and no embedding of pictures; another
    encoder reads each picture from where it was ingested. The metadata stays as it is.

    Run it again at any time: what was interrupted goes on.
    """
    from hybridsearch.cli.generation_tables import print_rebuilt
    from hybridsearch.cli.ingesting import watched
    from hybridsearch.upkeep import rebuild as build

    settings = _settings(archive, encoder, "int8" if int8 else None)
    done = watched(
        lambda progress: build(settings, progress, accept_failures=accept_failures), quiet=as_json
    )
    print_rebuilt(done, settings, as_json)
    if done is not None and done.report.interrupted:
        raise typer.Exit(130)


@app.command()
def rollback(
    to: Annotated[
        int | None, typer.Option(help="Its number; default: the complete one before the live one.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Return to an earlier build of the index; the present one stays and can be returned to.

    What was ingested since is not in it: ingest again afterwards.
    """
    from hybridsearch.cli.generation_tables import print_rolled_back
    from hybridsearch.upkeep import rollback as go_back

    settings = _settings(archive)
    now, before = go_back(settings, to)
    print_rolled_back(now, before, settings, as_json)


@app.command()
def finish(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """End an ingest that several machines shared by `--partition`: weights, names and indexes.

    Run it once, when all parts are done, with the data folder that searches use.
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.ingesting import print_report, watched
    from hybridsearch.ingest.partition import gather_failures

    with open_archive(_settings(archive), serve=True) as opened:
        report = watched(opened.ingest().finish, quiet=as_json)
        report.failures = gather_failures(opened.failures_file)
        print_report(report, opened, as_json)
    if report.interrupted:
        raise typer.Exit(130)


@generations_app.callback()
def generations(
    context: typer.Context, archive: ArchiveOption = None, as_json: JsonOption = False
) -> None:
    """The builds of the index, the oldest first."""
    if context.invoked_subcommand is not None:
        return
    from hybridsearch.cli.generation_tables import print_generations

    print_generations(_settings(archive), as_json)


@generations_app.command()
def remove(
    number: Annotated[int, typer.Argument(help="As `hybridsearch generations` lists it.")],
    archive: ArchiveOption = None,
) -> None:
    """Delete a build for good; never the live one."""
    from hybridsearch.upkeep import remove_generation

    remove_generation(_settings(archive), number)
    typer.echo(f"Generation {number} is removed.")


def _settings(
    archive: str | None, encoder: str | None = None, precision: str | None = None
) -> Settings:
    """The configuration, with what the command line says on top."""
    from hybridsearch.config import load_settings

    said: dict[str, Any] = {}
    if archive is not None:
        said["archive"] = archive
    own = {"name": encoder, "precision": precision}
    if encoder is not None or precision is not None:
        said["encoder"] = {key: value for key, value in own.items() if value is not None}
    return load_settings(**said)
