"""The metadata blocks of a picture file, as Pillow finds them.

In: a file's bytes, taken as hostile. Out: its EXIF, IPTC-IIM and XMP blocks. Reads headers only
and never a pixel; a damaged block gives what stands before the damage. Formats: JPEG, PNG, WebP,
TIFF, AVIF, HEIC and camera raw (GIF and BMP carry no such metadata in practice).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

from PIL import ExifTags, Image, TiffTags
from PIL.ImageFile import ImageFile
from PIL.IptcImagePlugin import IptcImageFile, getiptcinfo
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngStream
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from hybridsearch.adapters.media.files import BAD_DATA, RAW_TYPE, recognise
from hybridsearch.adapters.media.limits import check_structure
from hybridsearch.adapters.media.png import PNG_TEXTS
from hybridsearch.adapters.media.raw import preview_of
from hybridsearch.errors import PictureError

MAX_PACKET = 8 * 1024 * 1024
"""Bytes; a larger XMP packet is left unread. Some editors write megabytes of history into XMP."""

_MAX_EXIF = 1024 * 1024
"""Bytes; a larger block is left unread. JPEG has room for 64 KB."""

_MAX_IPTC = 512 * 1024
"""Bytes read of IPTC-IIM, and of the Photoshop resources around it."""

Dataset = tuple[int, int]
"""Record and dataset number, as in 2:105."""

_XMP_EXTENSION_MARK = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP_MARK = b"Photoshop 3.0\0"
_PHOTOSHOP_IPTC = 0x0404
_TIFF_MARKS = (b"II*\0", b"MM\0*")
_TIFF_XMP, _TIFF_IPTC = 700, 33723
_PNG_XMP = "XML:com.adobe.xmp"
_PNG_IPTC = "Raw profile type iptc"
_PNG_EXIF = ("Raw profile type exif", "Raw profile type APP1")


@dataclass(frozen=True, slots=True)
class Blocks:
    """What was found; ``xmp`` may hold two packets, as JPEG splits what does not fit into 64 KB."""

    exif: Image.Exif = field(default_factory=Image.Exif)
    iptc: Mapping[Dataset, Sequence[bytes]] = field(default_factory=dict)
    xmp: Sequence[bytes] = ()


def read_blocks(data: bytes) -> Blocks:
    """The metadata blocks of a picture file; empty ones for files that are none."""
    with suppress(PictureError, *BAD_DATA):
        kind = recognise(data)
        if kind.media_type == "image/png":
            check_structure(data, kind.media_type)
            return _of_png(data)
        if kind.media_type == RAW_TYPE:
            return _of_raw(data)
        image = kind.open(data)
        if isinstance(image, JpegImageFile):
            return _of_jpeg(image)
        if isinstance(image, TiffImageFile):
            return _of_tiff(image)
        return Blocks(_exif(image.info.get("exif")), {}, _packets(image.info.get("xmp")))
    return Blocks()


def _of_jpeg(image: JpegImageFile) -> Blocks:
    """Pillow joins the segments of EXIF; those of XMP's extension and of Photoshop are left."""
    photoshop, extension = [], {}
    for marker, segment in image.applist:
        if marker == "APP13" and segment.startswith(_PHOTOSHOP_MARK):
            photoshop.append(segment.removeprefix(_PHOTOSHOP_MARK))
        elif marker == "APP1" and segment.startswith(_XMP_EXTENSION_MARK):
            part = segment.removeprefix(_XMP_EXTENSION_MARK)  # GUID (32), length (4), offset (4)
            extension[part[36:40]] = part[40:]
    extended = b"".join(part for _, part in sorted(extension.items()))
    return Blocks(
        _exif(image.info.get("exif")),
        _datasets(_iptc_of_resources(b"".join(photoshop))),
        _packets(image.info.get("xmp"), extended),
    )


def _of_tiff(image: TiffImageFile) -> Blocks:
    iptc = _tag(image, _TIFF_IPTC) or _iptc_of_resources(_tag(image, ExifTags.Base.ImageResources))
    return Blocks(_exif_of_tiff(image), _datasets(iptc), _packets(image.info.get("xmp")))


def _of_raw(data: bytes) -> Blocks:
    """Most are TIFF files, which Pillow's reader of EXIF takes whole; the others have their
    metadata in the preview.
    """
    if data.startswith(_TIFF_MARKS):
        check_structure(data, "image/tiff")
        exif = Image.Exif()
        with suppress(*BAD_DATA):
            exif.load(data)
        blocks = Blocks(
            exif, _datasets(_bytes(exif, _TIFF_IPTC)), _packets(_bytes(exif, _TIFF_XMP))
        )
        if len(exif):
            return blocks
    return read_blocks(preview_of(data))


def _bytes(exif: Image.Exif, tag: int) -> bytes:
    with suppress(*BAD_DATA):
        value = exif.get(tag)
        return value if isinstance(value, bytes) else b""
    return b""


def _tag(image: TiffImageFile, tag: int) -> bytes:
    """A tag's bytes, whatever the type: Photoshop declares IPTC-IIM as whole numbers."""
    with suppress(*BAD_DATA):
        image.tag_v2.tagtype[tag] = TiffTags.UNDEFINED
        value = image.tag_v2.get(tag)
        found = value[0] if isinstance(value, tuple) else value
        return found if isinstance(found, bytes) else b""
    return b""


def _exif_of_tiff(image: ImageFile) -> Image.Exif:
    with suppress(*BAD_DATA):
        return image.getexif()
    return Image.Exif()


def _of_png(data: bytes) -> Blocks:
    """As ImageMagick and exiv2 write them, EXIF and IPTC-IIM may also be texts of digits."""
    info = _png_info(data)
    profiles = [_raw_profile(info.get(name)) for name in _PNG_EXIF]
    exif = next(filter(None, [info.get("exif"), *profiles]), None)
    iptc = _iptc_of_resources(_raw_profile(info.get(_PNG_IPTC)))
    return Blocks(_exif(exif), _datasets(iptc), _packets(info.get("xmp")))


def _png_info(data: bytes) -> Mapping[str | tuple[int, int], object]:
    """What Pillow's chunk reader makes of the metadata chunks, wherever in the file they are.

    Pillow's image class reads those that follow the pixels only when it decodes the pixels. The
    first chunk of each kind counts, so that a file of many small bombs stays harmless.
    """
    wanted = {b"eXIf", *(name.encode() for name in (_PNG_XMP, _PNG_IPTC, *_PNG_EXIF))}
    file = BytesIO(data)
    file.seek(8)
    stream = PngStream(file)
    with suppress(*BAD_DATA):
        while True:
            kind, start, length = stream.read()
            text = data[start : start + 80].partition(b"\0")[0] if kind in PNG_TEXTS else kind
            if text in wanted:
                wanted.discard(text)
                with suppress(*BAD_DATA):  # a bomb hides nothing that follows it
                    stream.call(kind, start, length)
            file.seek(start + length + 4)
    return stream.im_info


def _raw_profile(text: object) -> bytes:
    """A block from its name, its length and its bytes in hexadecimal digits."""
    with suppress(ValueError):
        return bytes.fromhex(text.strip().split("\n", 2)[-1]) if isinstance(text, str) else b""
    return b""


def _exif(block: object) -> Image.Exif:
    exif = Image.Exif()
    if isinstance(block, bytes) and len(block) <= _MAX_EXIF:
        with suppress(*BAD_DATA):
            exif.load(block)
    return exif


def _packets(*packets: object) -> Sequence[bytes]:
    return [
        packet for packet in packets if isinstance(packet, bytes) and 0 < len(packet) <= MAX_PACKET
    ]


class _Resources(TiffImageFile):
    """Photoshop's resources without a picture around them; Pillow takes them from TIFF only."""

    def __init__(self, block: bytes) -> None:
        self.tag_v2 = ImageFileDirectory_v2()
        self.tag_v2[ExifTags.Base.ImageResources] = block


def _iptc_of_resources(block: bytes) -> bytes:
    with suppress(*BAD_DATA):
        found = _Resources(block[:_MAX_IPTC]).get_photoshop_blocks()
        return found.get(_PHOTOSHOP_IPTC, {}).get("data", b"")
    return b""


class _Iptc(IptcImageFile):
    """IPTC-IIM without a picture around it, read as far as it is sound; then Pillow gives up."""

    def __init__(self, block: bytes) -> None:
        self.info = {}
        self.fp = BytesIO(block)
        with suppress(*BAD_DATA):
            self._open()


def _datasets(block: bytes) -> Mapping[Dataset, Sequence[bytes]]:
    """The values of each dataset, repeated ones in order."""
    found = getiptcinfo(_Iptc(block[:_MAX_IPTC])) or {}
    return {
        dataset: [raw or b"" for raw in (value if isinstance(value, list) else [value])]
        for dataset, value in found.items()
    }
