"""How soon and how fast a query becomes a vector: ONNX Runtime against sentence-transformers.

In: a CLIP model of ViT-B/32's shape. Out: CPU of a fresh process as far as its first vector, and
the median of further queries, both in turn.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from eval.bench.processes import run
from eval.bench.random_clip import WORDS, write_clip
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import high, interleaved, middle, say
from hybridsearch.adapters.encoders.cores import sleep_while_waiting
from hybridsearch.adapters.encoders.onnx_export import export_model
from hybridsearch.adapters.encoders.runtimes import clip_encoder

_ST = """
import os
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
from sentence_transformers import SentenceTransformer
SentenceTransformer({model!r}, device="cpu").encode(["red house"])
"""
_ONNX = """
from pathlib import Path
from hybridsearch.adapters.encoders.runtimes import clip_encoder
encoder = clip_encoder(Path({models!r}), {model!r}, device="cpu", runtime="onnx")
encoder.embed_texts(["red house"])
"""


def measure(queries: int, rounds: int, model: str | None) -> Report:
    """``model`` is a CLIP model by path; made with random weights where None."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        path = model or str(write_clip(folder / "model"))
        say("exporting the model")
        export_model(path, folder / "exports")
        starts: dict[str, list[float]] = {"sentence-transformers": [], "ONNX Runtime": []}
        given = {"model": path, "models": str(folder / "exports")}
        for place in range(rounds):
            say(f"cold start, round {place + 1} of {rounds}")
            for system, script in zip(starts, (_ST, _ONNX), strict=True):
                starts[system].append(run(["-c", script.format(**given)], {}).cpu)
        say("timing queries")
        times = _times(path, folder / "exports", queries)
    rows: list[dict[str, Cell]] = [
        {
            "system": system,
            "cold start, CPU ms": middle(starts[system]),
            "a query, median ms": middle(times[system]),
            "95 %": high(times[system]),
        }
        for system in starts
    ]
    old, new = rows
    cold = float(new["cold start, CPU ms"]) / float(old["cold start, CPU ms"])
    warm = float(new["a query, median ms"]) / float(old["a query, median ms"])
    return Report(
        "Query encoding: ONNX Runtime against sentence-transformers",
        {"model": model or "random weights", "queries": queries, "cold starts": rounds},
        [Table("Text encoder", rows)],
        [
            Target("cold start, share of sentence-transformers' CPU", cold, 0.25, False),
            Target("a query, share of sentence-transformers' median", warm, 0.4, False),
        ],
        ["Threads of sentence-transformers sleep while they wait (OMP_WAIT_POLICY=PASSIVE)."],
    )


def _times(model: str, exports: Path, queries: int) -> dict[str, list[float]]:
    sleep_while_waiting()
    from sentence_transformers import SentenceTransformer

    from hybridsearch.adapters.encoders.clip_quiet import quiet

    with quiet():
        usual = SentenceTransformer(model, device="cpu")
    ours = clip_encoder(exports, model, device="cpu", runtime="onnx")
    chance = random.Random(0)
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(2, 7))) for _ in range(queries)]
    for text in texts[:3]:
        usual.encode([text])
        ours.embed_texts([text])
    return interleaved(
        {
            "sentence-transformers": lambda text: usual.encode([text]),
            "ONNX Runtime": lambda text: ours.embed_texts([text]),
        },
        texts,
        "queries",
    )
