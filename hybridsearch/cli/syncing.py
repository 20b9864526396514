"""``hybridsearch sync``: an archive kept in step with a folder or a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hybridsearch.config import Settings

app = typer.Typer(rich_markup_mode="markdown")


@app.command()
def sync(
    source: Annotated[Path, typer.Argument(help="A folder of pictures, or a manifest.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")
    ] = False,
    delete: Annotated[
        bool,
        typer.Option("--delete", help="Delete what the source had once and has no more."),
    ] = False,
    delete_many: Annotated[
        bool,
        typer.Option(
            "--delete-many",
            help="Also if that is more than a tenth of it; otherwise a disk that is not there "
            "would empty the archive.",
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: whenever the folder changes, sync again.")
    ] = False,
    archive: Annotated[
        str | None,
        typer.Option("--archive", "-a", help="Which archive; each has an index of its own."),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option("--encoder", "-e", help="For a new archive; see `ingest`.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(help="What the manifest's `file` column is relative to.")
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="As `ingest` has it."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="As `ingest` has it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Ingest what is new or changed, and follow files that were moved or renamed.

    A moved file is known by its content: it is not embedded again, and its old name goes. What is
    missing stays in the archive unless `--delete` is given.

    `hybridsearch sync ~/Pictures --dry-run`

    `hybridsearch sync ~/Pictures --delete --watch` runs until Ctrl-C.
    """
    from hybridsearch.cli.ingesting import source_from
    from hybridsearch.cli.sync_tables import print_difference
    from hybridsearch.cli.sync_work import Syncing, difference_of

    listed = source_from(source, root, rename or [], drop or [])
    settings = _settings(archive, encoder)
    if dry_run:
        print_difference(difference_of(settings, listed), as_json)
        return
    syncing = Syncing(settings, listed, delete or delete_many, delete_many, as_json)
    report = syncing.watch(source) if watch else syncing.once()
    if report is not None and report.interrupted:
        raise typer.Exit(130)


def _settings(archive: str | None, encoder: str | None) -> Settings:
    """The configuration, with what the command line says on top."""
    from hybridsearch.config import load_settings

    said: dict[str, Any] = {}
    if archive is not None:
        said["archive"] = archive
    if encoder is not None:
        said["encoder"] = {"name": encoder}
    return load_settings(**said)
