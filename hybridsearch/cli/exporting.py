"""An export as the command line shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from hybridsearch.adapters.encoders.onnx_files import Export


def print_exports(exports: Sequence[Export], as_json: bool) -> None:
    """Each model with what its copy is worth."""
    if as_json:
        print(json.dumps([asdict(each) for each in exports]))
        return
    console = Console(highlight=False)
    for each in exports:
        console.print(
            f"[bold]{each.name}[/bold] exported in {each.precision}: its vectors agree with the "
            f"model's to a cosine of {each.agreement:.6f} at least (on probes), fingerprint "
            f"{each.fingerprint}."
        )
    if any(each.precision == "int8" for each in exports):
        console.print("Index an archive by it with HYBRIDSEARCH_ENCODER__PRECISION=int8.")
