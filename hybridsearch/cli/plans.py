"""A plan as a person reads it in a terminal."""

from __future__ import annotations

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hybridsearch.domain.names import Name
from hybridsearch.domain.plan import Leg, Plan
from hybridsearch.domain.understood import Part


def print_plan(plan: Plan, as_json: bool) -> None:
    """What was understood, what ranks, and how much each leg counts; or all of it as JSON."""
    if as_json:
        print(TypeAdapter(Plan).dump_json(plan).decode())
        return
    console = Console(highlight=False)
    console.print(f"[bold]{escape(plan.sentence)}[/bold]")
    for part in plan.understood.parts:
        console.print(escape(_told_part(part)))
    for name in plan.names:
        console.print(escape(_told_name(name)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("Leg", "Weight", "Asks for"):
        table.add_column(column)
    for leg in plan.legs:
        table.add_row(leg.name, f"{leg.weight:.3f}", escape(_asks(leg)))
    console.print(table)
    for note in plan.notes:
        console.print(f"[dim]{escape(str(note))}[/dim]")


def _told_part(part: Part) -> str:
    excluded = "excluded " if part.negated else ""
    return f"{excluded}{part.kind}: {part.text}"


def _told_name(name: Name) -> str:
    fields = f", {', '.join(name.fields)}" if name.fields else ""
    return f"name: {name.display} ({name.evidence}{fields})"


def _asks(leg: Leg) -> str:
    if leg.picture is not None:
        return f"the look of {leg.picture.name}"
    if leg.like is not None:
        return f"the look of {leg.like}"
    if leg.is_dense:
        return f"the look of “{leg.text}”"
    known = [term for term in leg.terms if term.idf is not None]
    return ", ".join(f"{term.text} x {term.weight:g}" for term in known)
