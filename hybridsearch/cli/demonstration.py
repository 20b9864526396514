"""The demo: a small archive of real photographs, and searches that show what hybrid means."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.cli.ingesting import print_report, watched
from hybridsearch.cli.offering import offer_to_serve
from hybridsearch.cli.tables import print_answer
from hybridsearch.config import Settings
from hybridsearch.demo.pictures import gather
from hybridsearch.domain.query import Query
from hybridsearch.errors import GenerationMismatch
from hybridsearch.ingest.manifest import ManifestSource

HITS = 3


def run_demo(settings: Settings) -> None:
    """Index what has not been indexed yet, search by name, by description, by both; then offer
    to serve the archive.
    """
    console = Console(highlight=False)
    manifest = gather(settings.archive_folder / "pictures")
    with _opened(settings) as archive:
        flow, source = archive.ingest(), ManifestSource(manifest)
        report = watched(lambda progress: flow.run(source, progress), quiet=False)
        print_report(report, archive, as_json=False)
        for title, query in telling_queries(manifest.parent):
            console.rule(f"[bold cyan]{title}", align="left")
            _show(archive, query)
    console.print(
        "Now your own pictures:\n"
        "  hybridsearch ingest ~/Pictures --encoder starter\n"
        '  hybridsearch search "what you remember of it"\n'
        "or go on here:\n"
        "  hybridsearch search --archive demo Hubble\n"
        "  hybridsearch similar --archive demo coffee.png",
        markup=False,
    )
    offer_to_serve(settings, console)


def _opened(settings: Settings) -> Archive:
    """The demo's archive; what another encoder indexed of these 23 pictures is made anew."""
    try:
        return open_archive(settings, create=True)
    except GenerationMismatch:
        shutil.rmtree(settings.archive_folder / "generations")
        (settings.archive_folder / "live").unlink()
        return open_archive(settings, create=True)


def telling_queries(pictures: Path) -> list[tuple[str, Query]]:
    """One query of each kind, with the point that it makes."""
    return [
        ("A name: words lead", Query("Grace Hopper", limit=HITS)),
        (
            "A description that no caption has: looks lead",
            Query("a cat's face", limit=HITS),
        ),
        (
            "A name in a description: both lead",
            Query("Falcon 9 rocket on the launch pad at night", limit=HITS),
        ),
        (
            "A picture as the query: looks alone",
            Query(picture=pictures / "motorcycle_right.png", limit=HITS),
        ),
    ]


def _show(archive: Archive, query: Query) -> None:
    print_answer(archive.search().search(query), query, (), as_json=False)
