"""Embedded metadata becomes asset fields.

In: a picture file, or an XMP sidecar. Out: asset fields by the block that gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hybridsearch.adapters.media.blocks import MAX_PACKET, read_blocks
from hybridsearch.adapters.media.older_fields import fields_of_exif, fields_of_iim
from hybridsearch.adapters.media.xmp import XmpProperties, is_damaged
from hybridsearch.adapters.media.xmp_fields import fields_of_xmp
from hybridsearch.domain.asset import Provenance
from hybridsearch.ports import FieldReadings

DEFAULT_LEGACY_ENCODINGS = ("cp1250", "cp1252")


def read_metadata(
    data: bytes, legacy_encodings: Sequence[str] = DEFAULT_LEGACY_ENCODINGS
) -> FieldReadings:
    """Asset fields by block, blocks without any field left out.

    Args:
        data: a picture file; JPEG, PNG, WebP, TIFF, AVIF and HEIC carry metadata.
        legacy_encodings: for old texts that are neither declared nor valid as UTF-8; the one in
            which a file's texts read like a language is taken, the first where nothing tells.
    """
    blocks = read_blocks(data)
    readings = {
        Provenance.XMP: fields_of_xmp(XmpProperties(blocks.xmp)),
        Provenance.IPTC: fields_of_iim(blocks.iptc, legacy_encodings),
        Provenance.EXIF: fields_of_exif(blocks.exif, legacy_encodings),
    }
    present = {provenance: _present(fields) for provenance, fields in readings.items()}
    return {provenance: fields for provenance, fields in present.items() if fields}


def read_sidecar(data: bytes) -> Mapping[str, Any]:
    """Asset fields of an XMP sidecar file (``picture.xmp`` beside ``picture.jpg``)."""
    packets = (data,) if len(data) <= MAX_PACKET else ()
    return _present(fields_of_xmp(XmpProperties(packets)))


def is_damaged_sidecar(data: bytes) -> bool:
    """Whether a sidecar's content is none, rather than one that fills no field."""
    return len(data) > MAX_PACKET or is_damaged(data)


def _present(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
