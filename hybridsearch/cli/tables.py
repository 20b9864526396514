"""Answers, status and settings as a person reads them in a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hybridsearch.bootstrap import Archive
from hybridsearch.config import Settings, config_file
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import DRIFT_TOLERANCE
from hybridsearch.domain.plan import Plan
from hybridsearch.domain.query import Query
from hybridsearch.domain.results import Answer, Hit
from hybridsearch.search.facets import Facet

TRIAL_NOTE = "for trying out; it knows everyday things, not your subject"


def print_answer(answer: Answer, query: Query, facets: Sequence[Facet], as_json: bool) -> None:
    """The hits as a table with their reasons, or the whole answer as JSON."""
    if as_json:
        told = TypeAdapter(Answer).dump_python(answer, mode="json")
        if facets:
            told["facets"] = TypeAdapter(tuple[Facet, ...]).dump_python(tuple(facets), mode="json")
        print(json.dumps(told))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{escape(_asked(query))}[/bold]")
    console.print(f"[dim]{escape(told_plan(answer.plan, answer.encoder))}[/dim]")
    if not answer.hits:
        console.print("Nothing relevant found." if answer.nothing_relevant else "Nothing found.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("", justify="right")
    table.add_column("Picture", ratio=5)
    table.add_column("Why", ratio=6)
    table.add_column("Score", justify="right")
    for hit in answer.hits:
        table.add_row(str(hit.rank), _picture(hit.asset), _why(hit), f"{hit.score:.4f}")
    console.print(table)
    total = sum(answer.milliseconds.values())
    about = "about " if answer.about else ""
    console.print(
        f"[dim]{len(answer.hits)} of {about}{answer.candidates:,} candidates, "
        f"{_pictures(answer.eligible)} the filter; {total:.0f} ms[/dim]"
    )
    if answer.next:
        console.print(f"[dim]next page: --cursor {answer.next}[/dim]")
    for facet in facets:
        counts = ", ".join(f"{each.display} {each.count:,}" for each in facet.values)
        console.print(f"[bold]{facet.name}[/bold] {escape(counts)}")
    console.print()


def _pictures(count: int) -> str:
    return "1 picture passes" if count == 1 else f"{count:,} pictures pass"


def told_plan(plan: Plan, encoder: EncoderCard | None) -> str:
    """The plan in a few sentences: what leads and why, and by which encoder."""
    parts = [plan.sentence.rstrip(".")]
    if encoder is not None:
        trial = f" ({TRIAL_NOTE})" if encoder.trial else ""
        parts.append(f"encoder {encoder.name}{trial}")
    return ". ".join([*parts, *(str(note).rstrip(".") for note in plan.notes)]) + "."


def _asked(query: Query) -> str:
    parts = [query.text] if query.text else []
    if query.picture is not None:
        parts.append(f"like the picture {query.picture.name}")
    if query.like is not None:
        parts.append(f"like {query.like}")
    return ", ".join(parts)


def _picture(asset: Asset) -> str:
    title = asset.headline or asset.caption or asset.id
    lines = [f"[bold]{escape(title)}[/bold]"]
    if asset.headline and asset.caption:
        lines.append(escape(asset.caption))
    place = ", ".join(part for part in (asset.city, asset.region, asset.country) if part)
    facts = [
        part
        for part in (place, (asset.date_created or "")[:10], asset.credit or asset.creator)
        if part
    ]
    lines.append(f"[dim]{escape(' · '.join([asset.id, *facts]))}[/dim]")
    return "\n".join(lines)


def _why(hit: Hit) -> str:
    numbers = " + ".join(f"{each.value:.4f} {each.leg}" for each in hit.explanation.contributions)
    relevant = "" if hit.relevance is None else f"; relevant: {hit.relevance:.0%}"
    return f"{escape(hit.explanation.sentence)}\n[dim]{escape(numbers + relevant)}[/dim]"


def print_status(archive: Archive, as_json: bool) -> None:
    """The live generation and its store."""
    info = archive.store.info()
    generation = archive.generation
    if as_json:
        told = TypeAdapter(type(generation)).dump_python(generation, mode="json")
        print(json.dumps({**told, "drift": generation.drift, "store": _told_store(archive)}))
        return
    console = Console(highlight=False)
    card = generation.encoder
    rows = {
        "archive": generation.archive,
        "assets": f"{info.points:,}",
        "encoder": _told_encoder(card),
        "engine": info.engine,
        "generation": f"{generation.number}, made {generation.created}",
        "folder": str(archive.settings.archive_folder),
    }
    for name, value in rows.items():
        console.print(f"{name:<12}{value}", markup=False)
    for each in archive.generations.every():
        if not each.complete and each.number != generation.number:
            console.print(
                f"Generation {each.number} is unfinished: hybridsearch rebuild goes on with it, "
                f"hybridsearch generations remove {each.number} gives it up."
            )
    if not generation.complete or generation.pending:
        console.print("The last ingest did not end: run it again to complete the index.")
    if generation.drift > DRIFT_TOLERANCE:
        console.print(
            f"Average text lengths moved by {generation.drift:.0%} since the words were weighed: "
            "the next ingest weighs them again."
        )


def _told_encoder(card: EncoderCard | None) -> str:
    if card is None:
        return "none: words only"
    trial = f"; {TRIAL_NOTE}" if card.trial else ""
    return f"{card.name}, {card.dimension} dimensions, {card.fingerprint}{trial}"


def _told_store(archive: Archive) -> dict[str, object]:
    info = archive.store.info()
    return {"engine": info.engine, "points": info.points, "indexed": info.indexed}


def print_settings(settings: Settings, as_json: bool) -> None:
    """Every setting in force, as TOML that could be pasted into the file."""
    values = settings.model_dump(mode="json")
    if as_json:
        print(json.dumps(values))
        return
    print(f"# read from {config_file() or 'defaults'} and the environment")
    sections = {name: value for name, value in values.items() if isinstance(value, dict)}
    for name, value in values.items():
        if name not in sections:
            print(f"{name} = {json.dumps(value)}")
    for name, section in sections.items():
        print(f"\n[{name}]")
        for key, value in section.items():
            if value is None:
                print(f"# {key} is not set")
            elif value != {}:
                print(f"{key} = {json.dumps(value)}")
