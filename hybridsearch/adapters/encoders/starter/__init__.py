"""The starter encoder: pictures and texts in, vectors of one space out, no model hub needed.

Importing this package loads no model and no model library; the first picture loads the
picture tower, the first text the text tower.
"""

from __future__ import annotations

from hybridsearch.adapters.encoders.starter.encoder import StarterEncoder

__all__ = ["StarterEncoder"]
