"""What the frozen towers say of everything that training and the held-out table need.

In: the data folder and the class list. Out: one corpus of arrays; nothing is trained here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from eval.starter.captions import without_names
from eval.starter.split import in_training_half
from hybridsearch.adapters.encoders.starter.pictures import Evidence, PictureTower
from hybridsearch.adapters.encoders.starter.texts import TextStates, TextTower
from hybridsearch.ports import Matrix, Pixels

CLASS_FILE = Path(__file__).with_name("imagenet_classes.txt")

COCO, FSAC, DOCUMERICA = range(3)
FOLDERS = ("coco_mini", "fsac_color", "documerica_100")

_BATCH = 16

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pictures and captions through the frozen towers.

    ``collection`` (n,) says where each picture is from; ``owner`` (m,) which picture each
    caption describes. Documerica's pictures have no captions and only serve as distractors.
    """

    collection: Ints
    evidence: Evidence
    captions: tuple[str, ...]
    owner: Ints
    states: TextStates
    class_prompts: Matrix
    class_anchors: Matrix


def read_corpus(data: Path) -> Corpus:
    """Read ``data`` and run both towers over it: some minutes on two cores."""
    paths: list[Path] = []
    collection: list[int] = []
    captions: list[tuple[str, int]] = []
    for number, folder in enumerate(FOLDERS):
        for line in (data / folder / "metadata.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if number == FSAC and not in_training_half(record["id"]):
                continue
            captions += [(text, len(paths)) for text in _descriptions(number, record)]
            paths.append(data / folder / record["file"])
            collection.append(number)
    tower = TextTower()
    prompts, anchors = read_classes(tower)
    texts = tuple(text for text, _ in captions)
    return Corpus(
        collection=np.array(collection),
        evidence=see(paths),
        captions=texts,
        owner=np.array([owner for _, owner in captions]),
        states=tower.states(texts),
        class_prompts=prompts,
        class_anchors=anchors,
    )


def read_classes(tower: TextTower) -> tuple[Matrix, Matrix]:
    """Sentence vectors (1000, 384) of each ImageNet class: its first name's prompt, and a blend.

    The blend adds up the prompt, the mean of all its names' prompts, and half its definition.
    """
    lines = CLASS_FILE.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    names = [row[1].split(", ") for row in rows]
    prompts = tower.states([_prompt(known[0]) for known in names]).sentences
    owner = np.repeat(np.arange(len(names)), [len(known) for known in names])
    every = tower.states([_prompt(name) for known in names for name in known]).sentences
    mean = np.stack([every[owner == number].mean(axis=0) for number in range(len(names))])
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    definitions = tower.states([row[2] for row in rows]).sentences
    return prompts, prompts + mean + np.float32(0.5) * definitions


def see(paths: list[Path]) -> Evidence:
    """The picture tower's evidence for picture files."""
    tower = PictureTower()
    parts = [
        tower.evidence([_pixels(path) for path in paths[start : start + _BATCH]])
        for start in range(0, len(paths), _BATCH)
    ]
    return Evidence(
        logits=np.concatenate([part.logits for part in parts]),
        presence=np.concatenate([part.presence for part in parts]),
    )


def _descriptions(collection: int, record: dict[str, str]) -> list[str]:
    if collection == COCO:
        return list(record["captions"])
    plain = without_names(record["caption"]) if collection == FSAC else ""
    return [plain] if plain else []


def _prompt(name: str) -> str:
    return f"a photo of a {name}"


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as image:
        pixels: Pixels = np.asarray(image.convert("RGB"))
    return pixels
