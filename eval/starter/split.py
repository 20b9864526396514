"""Which fsac_color pictures the starter encoder's head has seen.

In: an asset's id. Out: whether it is in the half that trains; reported figures leave it out.
"""

from __future__ import annotations

import hashlib


def in_training_half(asset_id: str) -> bool:
    """True where the SHA-256 of the id is an even number: about half, and anyone can check."""
    return hashlib.sha256(asset_id.encode()).digest()[-1] % 2 == 0
