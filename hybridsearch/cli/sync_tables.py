"""What a sync would do, as a person reads it in a terminal, or a machine as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from hybridsearch.ingest.sync import Difference

_SHOWN = 5


def print_difference(difference: Difference, as_json: bool) -> None:
    """Counts with a few names; as JSON all of them."""
    if as_json:
        told = {
            "new": difference.new,
            "changed": difference.changed,
            "moved": [{"from": each.before, "to": each.asset_id} for each in difference.moved],
            "missing": [each.asset_id for each in difference.missing],
            "failed": [
                {"asset_id": each.asset_id, "reason": each.reason} for each in difference.failures
            ],
            "unchanged": difference.unchanged,
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print("A sync would find:")
    moved = [f"{each.before} is now {each.asset_id}" for each in difference.moved]
    missing = [each.asset_id for each in difference.missing]
    failed = [f"{each.asset_id}: {each.reason}" for each in difference.failures]
    _told(console, "new", difference.new)
    _told(console, "changed", difference.changed)
    _told(console, "moved", moved)
    _told(console, "missing", missing)
    _told(console, "failed", failed)
    console.print(f"  {difference.unchanged:>9,} unchanged")
    if missing:
        console.print("What is missing is deleted with --delete only.")


def _told(console: Console, kind: str, names: Sequence[str]) -> None:
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    console.print(f"  {len(names):>9,} {kind}{': ' if names else ''}{shown}", markup=False)
