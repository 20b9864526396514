"""Colours: every pixel format that Pillow decodes becomes 8-bit sRGB without alpha.

In: a decoded Pillow image. Out: an image of mode RGB. Errors are Pillow's; the caller maps them.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_MAX_PROFILE = 8 * 1024 * 1024
_PROFILE_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
"""The colour space that a profile must be for, by Pillow's mode."""


def eight_bit(image: Image.Image) -> Image.Image:
    """One of the modes L, LA, RGB, RGBA, CMYK and LAB, 8 bits a channel."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) // 257).astype(np.uint8))  # 65535 / 255 = 257
    if image.mode in ("I", "F"):
        return _scaled(np.asarray(image))
    if image.mode in ("1", "L", "RGB") and image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "LAB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "La":
        return image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _scaled(values: npt.NDArray[np.int32 | np.float32]) -> Image.Image:
    """Values of unknown range brought to 0..255 by scaling.

    White is the narrowest usual value that is not below the largest: 1.0 for fractions, 255,
    65535, else the largest itself.
    """
    known = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(known.max())
    usual = (255.0, 65535.0) if np.issubdtype(values.dtype, np.integer) else (1.0, 255.0, 65535.0)
    white = next((top for top in usual if largest <= top), largest)
    return Image.fromarray(np.rint(np.clip(known / white, 0.0, 1.0) * 255.0).astype(np.uint8))


def flatten_on_white(
    image: Image.Image, correct: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """Mode RGB: colours corrected, then transparent parts shown on white."""
    if image.mode not in ("LA", "RGBA"):
        return correct(image).convert("RGB")
    alpha = image.getchannel("A")
    colours = correct(image.convert("L" if image.mode == "LA" else "RGB")).convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    return Image.composite(colours, white, alpha)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours converted from the embedded profile; unchanged without a fitting valid one.

    Relative colorimetric with black point compensation, as image editors do.
    """
    lab = image.mode == "LAB"
    if not lab and (not profile or len(profile) > _MAX_PROFILE):
        return image
    try:
        source = (
            ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
            if lab or not profile
            else ImageCms.ImageCmsProfile(BytesIO(profile))
        )
        description = source.profile.profile_description or ""
        if source.profile.xcolor_space.strip() != _PROFILE_SPACES[image.mode]:
            return image
        if "sRGB" in description:
            return image  # already there; converting would only round
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return ImageCms.applyTransform(image, transform) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
