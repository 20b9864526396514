"""Camera raw files, by the preview that the camera has put into them.

In: a raw file's bytes, taken as hostile. Out: the preview as Pillow's image, with the picture's
full size and orientation. LibRaw (through rawpy, the extra ``raw``) finds the preview in every
camera's format; the sensor's data are never unpacked. Where the extra is missing, that is said.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from hybridsearch.adapters.media.limits import check_structure
from hybridsearch.adapters.media.tiff import COMPRESSION, DNG_VERSION, PHOTOMETRIC, directories
from hybridsearch.errors import PictureError

RAW_MARKS = (
    rb"II\*\0.{4}CR|II(?:RO|RS|U\0)|MMOR|FUJIFILMCCD-RAW|.{4}ftypcrx |FOVb|\0MRM|II.{4}HEAPCCDR"
)
"""Canon, Olympus, Panasonic, Fujifilm, Canon again, Sigma, Minolta, old Canon."""

_SENSOR_PHOTOMETRICS = {32803, 34892}
"""Colour filter array, and linear raw (DNG 1.7, chapter 6)."""

_RAW_COMPRESSIONS = {32767, 34713, 65535}
"""Sony, Nikon, Pentax."""

ORIENTATION_KEY = "raw_orientation"
"""In the image's ``info``: EXIF's number for how the preview lies, where it does not say itself."""

SIZE_KEY = "raw_size"
"""In the image's ``info``: width and height of what the preview stands for, lying as it does."""

_EXIF_OF_FLIP = {3: 3, 5: 8, 6: 6}
"""EXIF's orientation by LibRaw's; other values do not occur."""


def is_raw_tiff(data: bytes) -> bool:
    """Whether a TIFF file is a camera's (DNG, NEF, ARW, PEF, ...), whose first picture is tiny."""
    for directory in directories(data):
        if DNG_VERSION in directory:
            return True
        kinds = directory.get(PHOTOMETRIC), directory.get(COMPRESSION)
        for value, raw in zip(kinds, (_SENSOR_PHOTOMETRICS, _RAW_COMPRESSIONS), strict=True):
            if value is not None and raw.intersection(value.first):
                return True
    return False


def preview_of(data: bytes) -> bytes:
    """The largest preview in JPEG, as a file.

    Raises:
        PictureError: the extra is missing, or there is no such preview.
    """
    return _extract(data)[0]


def open_preview(file: BytesIO) -> ImageFile:
    """The preview with its headers read; raises what Pillow raises.

    Raises:
        PictureError: the extra is missing, or there is no preview.
    """
    preview, orientation, size = _extract(file.getvalue())
    check_structure(preview, "image/jpeg")
    image = JpegImageFile(BytesIO(preview))
    sideways = orientation > 4
    if sideways and (image.width < image.height) != (size[0] < size[1]):  # upright already
        orientation, size = 1, (size[1], size[0])
    image.info[ORIENTATION_KEY] = orientation
    image.info[SIZE_KEY] = size
    return image


def _extract(data: bytes) -> tuple[bytes, int, tuple[int, int]]:
    try:
        import rawpy
    except ImportError as error:
        raise PictureError(
            "It is a camera's raw file, and what reads its preview is missing.",
            "Install the raw extra (pip install 'hybridsearch[raw]'), or export it as JPEG.",
        ) from error
    try:
        with rawpy.imread(BytesIO(data)) as raw:
            preview = raw.extract_thumb()
            orientation = _EXIF_OF_FLIP.get(raw.sizes.flip, 1)
            size = raw.sizes.iwidth, raw.sizes.iheight
    except (rawpy.LibRawError, ValueError, TypeError, MemoryError) as error:
        told = str(error.args[0] if error.args else error).removeprefix("b'").rstrip("'")
        raise PictureError(
            f"The camera's raw file has no preview that can be read ({told}).",
            "Export it as JPEG.",
        ) from error
    if isinstance(preview.data, bytes):
        return preview.data, orientation, size
    buffer = BytesIO()  # a few old cameras keep their preview as plain pixels
    Image.fromarray(preview.data).save(buffer, "JPEG", quality=95)
    return buffer.getvalue(), orientation, size
