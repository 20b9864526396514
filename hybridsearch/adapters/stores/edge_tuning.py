"""How the embedded engine trades memory, build time, speed and recall; plain values.

In: nothing. Out: settings that ``edge`` and the engine process share. No vendor import here,
so that the engine process's client can pass them on without loading the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from hybridsearch.errors import ConfigError


@dataclass(frozen=True, slots=True)
class EdgeTuning:
    """Settings of the embedded engine; sizes are of float32 vectors, in KB (1024 bytes).

    ``graph_from_kb``: a graph is built over segments above this size; smaller ones are scanned
    whole, which is exact (50,000 vectors of 512 numbers: 100,000 KB, about 10 ms).
    ``exact_up_to_kb`` and ``exact_up_to_share``: a filter that passes at most this much is
    answered by an exact scan of what it passes. A plain graph finds nothing under a filter of
    a few percent, and the scan is fast exactly there.
    ``hnsw_m``, ``hnsw_build``, ``hnsw_search``: edges per node, candidates while building,
    candidates while searching (at least the limit asked).
    ``quantized``: keep int8 copies in memory to search in, and rescore twice the limit with
    the float32 vectors; a quarter of the memory, for archives of millions.
    """

    graph_from_kb: int = 100_000
    exact_up_to_kb: int = 250_000
    exact_up_to_share: float = 0.2
    hnsw_m: int = 16
    hnsw_build: int = 128
    hnsw_search: int = 128
    quantized: bool = False

    def __post_init__(self) -> None:
        sizes = (self.exact_up_to_kb, self.hnsw_m, self.hnsw_build, self.hnsw_search)
        if self.graph_from_kb < 1 or min(sizes) < 0 or not 0 <= self.exact_up_to_share <= 1:
            raise ConfigError(
                f"The engine settings {self} are out of range.",
                "Sizes are positive and the share lies between 0 and 1.",
            )

    def exact_up_to(self, dimension: int, points: int) -> int:
        """How many points a filter may pass and still be scanned exactly."""
        by_size = self.exact_up_to_kb * 1024 // (4 * dimension)
        return max(by_size, int(points * self.exact_up_to_share))
