"""A CLIP model of the real shape with random weights, for measuring speed where no hub is reached.

In: a folder. Out: the model's files, as transformers saves them. What a number costs does not
depend on its value; what it is worth does, so nothing of quality is measured with these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hybridsearch.adapters.encoders.clip_quiet import quiet

WORDS = ("fire", "red", "house", "boat", "dog", "beach", "snow", "night")
"""Of the tokenizer: a word of these is one token, as common words are for CLIP's own."""

_SMALL = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def write_clip(folder: Path, *, small: bool = False) -> Path:
    """ViT-B/32's shape: 12 layers each, 151 million numbers; or two narrow layers each."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor

    shape: dict[str, Any] = {}
    if small:
        tower = {"hidden_size": 32, "projection_dim": 512, **_SMALL}
        shape = {"projection_dim": 512, "text_config": tower, "vision_config": tower}
    tokenizer = _tokenizer()
    config: Any = CLIPConfig(**shape)
    config.text_config.bos_token_id = tokenizer.bos_token_id
    config.text_config.eos_token_id = tokenizer.eos_token_id
    torch.manual_seed(0)
    with quiet():
        CLIPModel(config).save_pretrained(folder)
        processor: Any = CLIPProcessor(  # type: ignore[no-untyped-call]
            CLIPImageProcessorPil(), tokenizer
        )
        processor.save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    """Byte pairs merged letter by letter until each of the words is one token."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters: list[str] = list(bytes_to_unicode().values())  # type: ignore[no-untyped-call]
    tokens = letters + [f"{letter}</w>" for letter in letters]
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            parts = ["".join(pair), *parts[2:]]
            if pair not in merges:
                merges.append(pair)
                tokens.append(parts[0])
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)  # type: ignore[arg-type]
