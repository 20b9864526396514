"""Encoders for tests: CLIP models that are real in shape and random in content.

No model hub is needed. The models are built once for each test process, from fixed seeds, in a
temporary folder that goes with the process.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
from transformers import (
    BertTokenizer,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    DistilBertConfig,
    DistilBertModel,
)
from transformers.convert_slow_tokenizer import bytes_to_unicode

from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.adapters.encoders.onnx_export import export_model
from hybridsearch.adapters.encoders.onnx_files import Precision
from hybridsearch.ports import Pixels

DIMENSION = 512
_MERGES = [("f", "i"), ("fi", "r"), ("fir", "e</w>"), ("r", "e"), ("re", "d</w>")]
_LEGACY_PREPROCESSOR = {
    "crop_size": 224,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": 224,
}
"""As the published clip-ViT-B-32 has it."""


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    """A picture of random pixels."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@cache
def _root() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hybridsearch-models-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _tokenizer() -> Any:
    """CLIP's byte-level BPE with five merges; its special tokens are CLIP's own."""
    letters: list[str] = list(bytes_to_unicode().values())  # type: ignore[no-untyped-call]
    tokens = letters + [f"{letter}</w>" for letter in letters]
    tokens += [one + other for one, other in _MERGES] + ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[*_MERGES], model_max_length=77)  # type: ignore[list-item]


def _save_clip(folder: Path, seed: int, **shape: Any) -> Path:
    tokenizer = _tokenizer()
    config: Any = CLIPConfig(**shape)
    config.text_config.bos_token_id = tokenizer.bos_token_id
    config.text_config.eos_token_id = tokenizer.eos_token_id  # where CLIP reads the text's vector
    torch.manual_seed(seed)
    with quiet():
        CLIPModel(config).save_pretrained(folder)
        processor: Any = CLIPProcessor(  # type: ignore[no-untyped-call]
            CLIPImageProcessorPil(), tokenizer
        )
        processor.save_pretrained(folder)
    return folder


@cache
def real_shape_clip() -> Path:
    """A plain transformers folder of CLIP ViT-B/32: 12 layers, 151 million numbers, 605 MB."""
    return _save_clip(_root() / "real-shape", seed=1)


@cache
def small_clip(seed: int = 2) -> Path:
    """A plain transformers folder of a CLIP with 2 small layers, the same inputs and outputs."""
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    return _save_clip(
        _root() / f"small-{seed}",
        seed,
        projection_dim=DIMENSION,
        text_config={"hidden_size": 32, "projection_dim": DIMENSION, **layers},
        vision_config={"hidden_size": 32, "projection_dim": DIMENSION, **layers},
    )


def as_sentence_transformers(plain: Path) -> Path:
    """The folder as sentence-transformers saves it now."""
    folder = plain.with_name(f"{plain.name}-saved")
    if not folder.exists():
        with quiet():
            SentenceTransformer(str(plain), device="cpu").save_pretrained(
                str(folder), create_model_card=False
            )
    return folder


def as_published(plain: Path) -> Path:
    """The folder as clip-ViT-B-32 was published in 2021: module folder, old preprocessor."""
    folder = plain.with_name(f"{plain.name}-published")
    if folder.exists():
        return folder
    module = folder / "0_CLIPModel"
    module.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (module / name).hardlink_to(plain / name)
    tokenizer = json.loads((plain / "tokenizer.json").read_text("utf-8"))["model"]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in tokenizer["merges"]]
    (module / "vocab.json").write_text(json.dumps(tokenizer["vocab"]), "utf-8")
    (module / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>"}
    special |= {"unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    for name, content in {
        "module/preprocessor_config.json": _LEGACY_PREPROCESSOR,
        "module/special_tokens_map.json": special,
        "module/tokenizer_config.json": {"tokenizer_class": "CLIPTokenizer", **special},
        "modules.json": [
            {
                "idx": 0,
                "name": "0",
                "path": "0_CLIPModel",
                "type": "sentence_transformers.models.CLIPModel",
            }
        ],
    }.items():
        path = folder / name.replace("module/", "0_CLIPModel/")
        path.write_text(json.dumps(content), "utf-8")
    return folder


@cache
def exported(model: Path, precision: Precision = "fp32") -> Path:
    """The folder of exports, in which the model's is now, made as people make it."""
    models = _root() / "exports"
    export_model(str(model), models, precision)
    return models


@cache
def text_tower(dimension: int = DIMENSION) -> Path:
    """A text model in the shape of clip-ViT-B-32-multilingual-v1: DistilBERT, mean, dense."""
    folder, base = _root() / f"text-{dimension}", _root() / f"text-base-{dimension}"
    base.mkdir()
    letters = [*"abcdefghijklmnopqrstuvwxyzčšž0123456789.:/"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{x}" for x in letters)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    torch.manual_seed(dimension)
    config = DistilBertConfig(vocab_size=len(tokens), dim=32, n_layers=2, n_heads=2, hidden_dim=64)
    with quiet():
        DistilBertModel(config).save_pretrained(base)
        BertTokenizer(vocab=vocabulary, model_max_length=128).save_pretrained(base)
        transformer = Transformer(str(base), max_seq_length=128)
        modules = [
            transformer,
            Pooling(32),
            Dense(32, dimension, bias=False, activation_function=torch.nn.Identity()),
        ]
        SentenceTransformer(modules=modules, device="cpu").save_pretrained(
            str(folder), create_model_card=False
        )
    return folder
