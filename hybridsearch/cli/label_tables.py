"""Tags, classifications and captions as a person reads them in a terminal, or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hybridsearch.cli.tables import TRIAL_NOTE
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import SourceError
from hybridsearch.labels.classifying import Classification
from hybridsearch.labels.describing import Description
from hybridsearch.labels.labeller import TaggedAsset
from hybridsearch.labels.tagging import Tags

if TYPE_CHECKING:
    from hybridsearch.labels.labeller import Labeller


def print_tags(found: Tags, least: float, as_json: bool) -> None:
    """The tags with their probabilities."""
    if as_json:
        print(TypeAdapter(Tags).dump_json(found).decode())
        return
    console = Console(highlight=False)
    if found.tags:
        table = _table("Tag", "Probability", "Spreads above ordinary")
        for tag in found.tags:
            table.add_row(escape(tag.label), f"{tag.probability:.0%}", f"{tag.z:+.1f}")
        console.print(table)
    else:
        console.print(f"None of the {found.labels:,} labels is {least:.0%} likely.")
    usual = f"An ordinary label is taken to be on {found.share:.2%} of the pictures."
    _print_notes(console, (*found.notes, usual), found.encoder)


def print_classification(found: Classification, as_json: bool) -> None:
    """The labels with their probabilities, which add up to one."""
    if as_json:
        print(TypeAdapter(Classification).dump_json(found).decode())
        return
    console = Console(highlight=False)
    table = _table("Label", "Probability", "Spreads above ordinary")
    for each in found.labels:
        table.add_row(escape(each.label), f"{each.probability:.1%}", f"{each.z:+.1f}")
    if found.none is not None:
        table.add_row("none of these", f"{found.none:.1%}", "")
    console.print(table)
    _print_notes(console, found.notes, found.encoder)


def print_description(found: Description, as_json: bool) -> None:
    """The captions, each with whose it is."""
    if as_json:
        print(TypeAdapter(Description).dump_json(found).decode())
        return
    console = Console(highlight=False)
    if found.captions:
        table = _table("Caption", "Similarity", "Of")
        for each in found.captions:
            more = f" and {len(each.assets) - 1} more" if len(each.assets) > 1 else ""
            table.add_row(
                escape(each.text), f"{each.similarity:.3f}", escape(f"{each.assets[0]}{more}")
            )
        console.print(table)
    else:
        console.print("None of the pictures nearest to it has a caption.")
    _print_notes(console, found.notes, found.encoder)


def embedding(labels: int) -> AbstractContextManager[object]:
    """Tells a person at a terminal what takes the time, the first time that a list is used."""
    return Console(stderr=True).status(f"Reading {labels:,} labels; they are kept for next time")


def write_archive_tags(
    found: Iterator[TaggedAsset], pictures: int, labeller: Labeller, out: Path | None
) -> None:
    """One JSON object for each picture that has tags; what they rest on goes to stderr.

    Raises:
        SourceError: the file cannot be written.
    """
    console = Console(stderr=True, highlight=False)
    tagged = tags = 0
    try:
        with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as stream:
            for each in found:
                stream.write(json.dumps(_told(each), ensure_ascii=False) + "\n")
                tagged += 1
                tags += len(each.tags)
    except OSError as error:
        raise SourceError(
            f"The tags cannot be written: {error.strerror}.", "Choose another file with --out."
        ) from error
    where = f" are in {out}" if out else ""
    console.print(f"{tags:,} tags for {tagged:,} of {pictures:,} assets{where}.", markup=False)
    _print_notes(console, labeller.notes(), labeller.card)


def _told(each: TaggedAsset) -> dict[str, Any]:
    return {
        "id": each.asset_id,
        "keywords": list(each.keywords),
        "tags": [
            {
                "label": tag.label,
                "probability": round(tag.probability, 4),
                "written": tag.label in each.written,
            }
            for tag in each.tags
        ],
    }


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first)
    for column in numbers:
        table.add_column(column, justify="right")
    return table


def _print_notes(console: Console, notes: tuple[str, ...], card: EncoderCard) -> None:
    trial = f" ({TRIAL_NOTE})" if card.trial else ""
    for note in (*notes, f"Encoder {card.name}{trial}."):
        console.print(f"[dim]{escape(note)}[/dim]")
