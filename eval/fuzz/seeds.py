"""Sound files to damage: every format, and every way of keeping pixels that differs.

In: nothing. Out: bytes by a name, with rich metadata; the same in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from eval.fuzz.raw_files import dng


def _xmp(text: str) -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" photoshop:City="Ptuj">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt>'
        "</dc:description><dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Bag>"
        '</dc:subject><e:LocationShown><rdf:Bag><rdf:li e:City="Celje"/></rdf:Bag>'
        "</e:LocationShown></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


def _photoshop() -> bytes:
    """An APP13 segment with IPTC-IIM in an old encoding."""
    values = [(1, 90, b"\x1b%G"), (2, 25, b"po\x9ear"), (2, 25, b"fire"), (2, 120, b"\xe8rta")]
    values += [(2, 55, b"19421005"), (2, 60, b"120000+0100"), (2, 80, b"Novak")]
    block = b"".join(
        b"\x1c" + bytes((record, dataset)) + len(raw).to_bytes(2, "big") + raw
        for record, dataset, raw in values
    )
    resource = (
        b"8BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + block + b"\0" * (len(block) % 2)
    )
    content = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x013B] = 6, "A caption", "Ana; Eva"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 12:13:14"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (46.0, 30.0, 0.0), "E", (14.0, 30.0, 0.0)
    return exif.tobytes()


@cache
def seeds() -> Mapping[str, bytes]:
    """Sound files by a name: every format, and every way of keeping pixels that differs."""
    values = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    noise = Image.fromarray(values).resize((160, 120), Image.Resampling.BICUBIC)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rich: dict[str, object] = {"exif": _exif(), "icc_profile": profile}
    options: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "jpeg": (noise, "JPEG", {**rich, "xmp": _xmp("požar")}),
        "jpeg-progressive": (noise, "JPEG", {**rich, "progressive": True}),
        "jpeg-cmyk": (noise.convert("CMYK"), "JPEG", {"exif": _exif()}),
        "png": (noise, "PNG", rich),
        "png-palette": (noise.quantize(64), "PNG", {"transparency": 3}),
        "png-16": (noise.convert("I;16"), "PNG", {}),
        "webp": (noise, "WEBP", {**rich, "xmp": _xmp("požar")}),
        "webp-lossless": (noise.convert("RGBA"), "WEBP", {"lossless": True}),
        "avif": (noise, "AVIF", {**rich, "xmp": _xmp("požar")}),
        "gif": (noise.quantize(64), "GIF", {"comment": b"a comment"}),
        "bmp": (noise, "BMP", {}),
        "tiff": (noise, "TIFF", {"tiffinfo": {700: _xmp("požar"), 33723: _photoshop()[18:]}}),
        "tiff-lzw": (noise, "TIFF", {"compression": "tiff_lzw"}),
        "tiff-deflate": (noise.convert("L"), "TIFF", {"compression": "tiff_adobe_deflate"}),
        "tiff-jpeg": (noise, "TIFF", {"compression": "jpeg"}),
        "tiff-fax": (noise.convert("1"), "TIFF", {"compression": "group4"}),
        "tiff-float": (noise.convert("F"), "TIFF", {}),
    }
    found = {name: _saved(*how) for name, how in options.items()}
    found["jpeg"] = found["jpeg"][:2] + _photoshop() + found["jpeg"][2:]
    return {**found, **_extra_seeds(noise)}


def _extra_seeds(noise: Image.Image) -> Mapping[str, bytes]:
    """A sidecar, a camera's raw file, and HEIC where something can write it."""
    small = noise.resize((80, 60))
    found = {"sidecar": _xmp("požar " * 50), "raw": dng(small, 6)}
    try:
        import pillow_heif
    except ImportError:
        return found
    buffer = BytesIO()
    pillow_heif.from_pillow(noise).save(buffer, quality=80, exif=_exif())
    return {**found, "heic": buffer.getvalue()}


def _saved(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
