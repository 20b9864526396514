"""Every error the product raises on purpose.

Each one carries a message for a person and the remedy: what to do so that it does not
happen again. Adapters map vendor errors to these, the service maps these to HTTP, the
command line prints them and exits non-zero.
"""

from __future__ import annotations


class HybridSearchError(Exception):
    """Root of the tree: a message for a person, and the way out."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def __reduce__(self) -> tuple[type[HybridSearchError], tuple[str, str]]:
        """Errors travel from the engine process to its client, so they must pickle."""
        return type(self), (self.message, self.remedy)


class ConfigError(HybridSearchError):
    """A setting is missing, unknown or out of range."""


class SourceError(HybridSearchError):
    """A manifest or folder cannot be read as a source of assets."""


class PictureError(HybridSearchError):
    """One picture file cannot be used; the rest of the ingest goes on."""


class ReaderError(HybridSearchError):
    """The processes that read files cannot be started."""


class QueryError(HybridSearchError):
    """A search that cannot be answered as asked."""


class LabelError(QueryError):
    """A list of labels that cannot be used as given."""


class AssetNotFound(HybridSearchError):
    """No asset of that id in the archive."""


class ArchiveNotFound(HybridSearchError):
    """The archive has no live generation."""


class EncoderError(HybridSearchError):
    """An encoder broke its contract or failed on its input."""


class ModelMissing(EncoderError):
    """A model, or the package that carries it, is not on this machine."""


class GenerationMismatch(HybridSearchError):
    """The live generation was built by another encoder or analyzer than the one configured."""


class GenerationReplaced(GenerationMismatch):
    """Another generation became the live one while this one was open for writing."""


class RebuildError(HybridSearchError):
    """A new generation must not take over: assets of the old one would be missing."""


class DeletionRefused(HybridSearchError):
    """A sync would delete so many assets that it is more likely a disk that is not there."""


class StoreError(HybridSearchError):
    """A store refused or failed an operation."""


class StoreLocked(StoreError):
    """Another process holds the store."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or has stopped."""


class InvalidPoint(StoreError):
    """A point that no store may accept: not finite, wrong dimension, not unit length."""
