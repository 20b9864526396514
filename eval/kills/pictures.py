"""What the killed ingest reads: small photographs' worth of noise, each one different, captioned.

In: a folder, a count, a seed. Out: JPEG files and a manifest.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
from PIL import Image

WORDS = ("miners", "women", "farmers", "boats", "bridge", "factory", "parade", "snow", "fire")
PLACES = ("Butte", "Hamburg", "Kočevje", "Lowell", "Taos")


def write_captioned(folder: Path, count: int, seed: int) -> Path:
    """Write the files; the manifest's path."""
    folder.mkdir(parents=True)
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    lines = []
    for number in range(count):
        name = f"{number:05}.jpg"
        coarse = noise.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC).save(folder / name)
        caption = " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))
        row = {"id": f"p{number}", "file": name, "caption": caption}
        lines.append(json.dumps({**row, "city": chance.choice(PLACES)}))
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return manifest
