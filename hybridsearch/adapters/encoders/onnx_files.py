"""Where exported models lie, and what each says of itself.

In: the folder of all exports, a model's name. Out: an ``Export``, read without any model library.
``<models>/<name>-<digest>/<precision>/`` holds ``export.json``, the graphs and the tokenizer.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from hybridsearch.adapters.encoders.clip_crops import CentreCrop
from hybridsearch.adapters.encoders.clip_models import model_fingerprint
from hybridsearch.errors import EncoderError

Precision = Literal["fp32", "int8"]

MANIFEST, PICTURES, TEXTS, TOKENIZER = (
    "export.json",
    "pictures.onnx",
    "texts.onnx",
    "tokenizer.json",
)


@dataclass(frozen=True, slots=True)
class Export:
    """One model in the form that ONNX Runtime takes.

    ``source`` is the fingerprint of the model's own files; ``fingerprint`` is that of the
    vectors: the same in fp32, whose vectors are the same, another in int8. ``crop`` is None
    for a model of texts only. ``agreement`` is the lowest cosine to the model's own vectors
    seen when it was made. ``made_with`` names the libraries' versions.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    source: str
    fingerprint: str
    dimension: int
    precision: Precision
    crop: CentreCrop | None
    max_tokens: int
    pad_id: int
    pad_token: str
    agreement: float
    made_with: dict[str, str]


_READ = TypeAdapter(Export)


def export_folder(models: Path, name: str, precision: Precision) -> Path:
    """Where the export of a model belongs; the digest keeps apart what is named alike."""
    short = re.sub(r"[^A-Za-z0-9._-]", "_", short_name(name))
    return models / f"{short}-{sha256(name.encode()).hexdigest()[:8]}" / precision


def short_name(name: str) -> str:
    """The name without organisation or folders before it."""
    return name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def read_export(folder: Path) -> Export | None:
    """What the export in a folder says of itself; None where there is none.

    Raises:
        EncoderError: its manifest is damaged.
    """
    try:
        return _READ.validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise EncoderError(
            f"The export in {folder} is damaged: {str(error).splitlines()[0]}.",
            "Delete the folder, or make it anew: hybridsearch export.",
        ) from error


def write_manifest(folder: Path, export: Export) -> None:
    """Written last: a folder without it is no export."""
    text = json.dumps(asdict(export), indent=1)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def is_stale(export: Export, name: str) -> bool:
    """Whether the model's folder holds another model now; a name on the hub is believed."""
    folder = Path(name).expanduser()
    return folder.is_dir() and model_fingerprint(folder) != export.source
