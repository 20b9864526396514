"""Configuration: a TOML file, then the environment; what is not said has a default.

In: ``hybridsearch.toml`` and ``HYBRIDSEARCH_*`` variables. Out: one checked ``Settings``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hybridsearch.analysis.analyzer import DEFAULT_FIELD_WEIGHTS, AnalyzerSettings
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.domain.plan import Method
from hybridsearch.errors import ConfigError

DEFAULT_ENCODER = "clip-ViT-B-32"
FILE_NAME = "hybridsearch.toml"
FILE_VARIABLE = "HYBRIDSEARCH_CONFIG"


class _Section(BaseModel):
    """A part of the configuration; a name that is none of its settings is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EncoderSection(_Section):
    """Which encoder, and how it runs."""

    name: str | None = Field(
        None,
        description="starter, none, words, or a CLIP model by name or path; default: that of the "
        f"archive's index, and {DEFAULT_ENCODER} for a new one",
    )
    text_model: str | None = Field(
        None, description="a multilingual text tower for the same image space, by name or path"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    runtime: Literal["auto", "torch", "onnx"] = Field(
        "auto",
        description="auto takes ONNX Runtime on the processor where the model was exported "
        "(hybridsearch export), torch otherwise",
    )
    precision: Literal["fp32", "int8"] | None = Field(
        None,
        description="int8 needs an export and is a vector space of its own; default: that of the "
        "archive's index, and fp32 for a new one",
    )


class StoreSection(_Section):
    """Where points are kept."""

    kind: Literal["edge", "qdrant"] = "edge"
    url: str = Field("http://localhost:6333", description="of a Qdrant server or cluster")
    grpc_port: int = Field(6334, gt=0, lt=65536)
    api_key: SecretStr | None = None
    shards: int = Field(1, ge=1, description="of a collection made on a cluster")
    replicas: int = Field(1, ge=1, description="of each shard")


class FieldSection(_Section):
    """How a lexical field counts in BM25F."""

    weight: float = Field(ge=0)
    b: float = Field(0.75, ge=0, le=1)


class AnalysisSection(_Section):
    """How text becomes terms."""

    languages: tuple[str, ...] = Field(("en",), min_length=1)
    k1: float = Field(1.2, ge=0)
    stem_weight: float = Field(0.5, ge=0)
    detect_language: bool = Field(
        False, description="tell the language of assets that name none (hybridsearch[languages])"
    )
    kin_weight: float = Field(0.5, ge=0, description="of the form that all cases of a name share")
    fields: dict[str, FieldSection] = Field(
        default_factory=dict, description="overrides of the built-in weights, field by field"
    )

    @model_validator(mode="after")
    def _can_be_an_analyzer(self) -> Self:
        try:
            self.settings()
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self

    def settings(self) -> AnalyzerSettings:
        """The analyzer's own settings."""
        own = {name: FieldWeight(each.weight, each.b) for name, each in self.fields.items()}
        return AnalyzerSettings(
            self.languages,
            self.k1,
            self.stem_weight,
            self.kin_weight,
            {**DEFAULT_FIELD_WEIGHTS, **own},
        )


class SearchSection(_Section):
    """How a search is planned."""

    limit: int = Field(10, ge=1, le=1000)
    fusion: Method = Field(
        Method.EVIDENCE, description="evidence (the planner's own), rrf or convex"
    )
    depth: int = Field(200, ge=1, le=10_000, description="how far each leg is read")
    paged_depth: int = Field(
        1000, ge=1, le=10_000, description="how far each leg is read for a list of pages"
    )
    k: int = Field(60, ge=0, description="of reciprocal rank fusion")
    looks_weight: float = Field(1.0, ge=0)
    words_weight: float = Field(1.0, ge=0)
    lists_kept: int = Field(
        32, ge=0, le=10_000, description="lists kept for who reads on in one, 0.5 MB each"
    )


class IngestSection(_Section):
    """Sizes of the ingest."""

    batch: int | None = Field(
        None, ge=1, le=4096, description="pictures a batch; default: what suits the encoder"
    )
    readers: int | None = Field(
        None,
        ge=1,
        le=256,
        description="processes that read and decode ahead; default: one for each core",
    )
    seconds_per_file: float = Field(
        60.0, gt=0, description="a file that takes longer to read is listed as failed"
    )
    min_free_mib: int = Field(
        200, ge=0, description="an ingest stops before less is left on the index's disk"
    )
    reader_memory_mib: int = Field(
        4096, ge=256, description="a file that needs more memory to decode is listed as failed"
    )
    max_file_mib: int = Field(512, ge=1)
    max_megapixels: int = Field(200, ge=1)
    legacy_encodings: tuple[str, ...] = Field(
        ("cp1250", "cp1252"),
        min_length=1,
        description="of IPTC and EXIF texts from before Unicode; for each file the one in which "
        "they read like a language; mac_roman and mac_latin2 for old Macs, cp1251 for Cyrillic",
    )
    thumbnails: bool = Field(True, description="keep small copies of the pictures, for showing")
    ocr: bool = Field(
        False, description="read the text in pictures; needs hybridsearch[ocr], takes seconds each"
    )
    ocr_min_score: float = Field(
        0.75, ge=0, le=1, description="lines read with less confidence are left out"
    )
    remote_seconds: float = Field(
        30.0, gt=0, description="how long a server that a manifest names may be silent"
    )


class ServiceSection(_Section):
    """The HTTP service (``hybridsearch serve``)."""

    host: str = Field("127.0.0.1", description="elsewhere than on this machine keys are required")
    port: int = Field(8080, ge=0, le=65535)
    archives: tuple[str, ...] = Field((), description="served beside `archive`")
    create: bool = Field(False, description="make archives that are not there yet")
    roots: dict[str, Path] = Field(
        default_factory=dict,
        description="folders, by a name, that ingest jobs may read and pictures be shown from",
    )
    hosts: tuple[str, ...] = Field((), description="further host names it may be asked by")
    require_key: bool = Field(False, description="ask for a key on this machine too")
    keys_file: Path | None = Field(None, description="default: keys.json in the data folder")
    rate: float = Field(50.0, gt=0, description="requests a second for each key, on average")
    burst: int = Field(200, ge=1, description="requests that a key may make at once")
    max_query_kib: int = Field(64, ge=1, description="of a search's body without a picture")
    max_upload_mib: int = Field(32, ge=1, description="of a request with a picture")
    max_batch_mib: int = Field(16, ge=1, description="of a batch of assets")
    max_megapixels: int = Field(100, ge=1, description="of a picture that is uploaded")
    decode_seconds: float = Field(
        10.0, gt=0, description="an uploaded picture that takes longer to decode is refused"
    )
    decode_memory_mib: int = Field(
        2048, ge=256, description="of a process that decodes uploaded pictures"
    )
    body_seconds: float = Field(20.0, gt=0, description="a body that takes longer is refused")
    threads: int = Field(4, ge=1, le=64, description="searches worked on at once")
    waiting: int = Field(128, ge=1, description="searches that may wait; more are turned away")
    vectors_cached: int = Field(10_000, ge=0, description="query texts whose vectors are kept")
    finish_after: float = Field(
        60.0, ge=0, description="seconds without a write after which indexes are finished"
    )
    log: Literal["json", "text"] = "json"


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="HYBRIDSEARCH_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    archive: str = Field("default", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    data_dir: Path = Field(default_factory=lambda: user_data_path("hybridsearch"))
    encoder: EncoderSection = EncoderSection()
    store: StoreSection = StoreSection()
    analysis: AnalysisSection = AnalysisSection()
    search: SearchSection = SearchSection()
    ingest: IngestSection = IngestSection()
    service: ServiceSection = ServiceSection()

    @property
    def archive_folder(self) -> Path:
        """Where this archive keeps its generations."""
        return self.data_dir.expanduser() / self.archive

    @property
    def models_folder(self) -> Path:
        """Where exported models lie, for all archives; no archive can have this name."""
        return self.data_dir.expanduser() / "_models"

    @property
    def label_vectors_file(self) -> Path:
        """Where vectors of labels are kept for all archives and encoders."""
        return self.data_dir.expanduser() / "_labels" / "vectors.sqlite"

    @property
    def keys_file(self) -> Path:
        """Where the service's keys lie, hashed."""
        named = self.service.keys_file or self.data_dir / "_service" / "keys.json"
        return named.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments above environment above file."""
        file = config_file()
        if file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


def config_file() -> Path | None:
    """The file that is read: ``$HYBRIDSEARCH_CONFIG``, the working folder's, or the user's.

    Raises:
        ConfigError: the variable names a file that is not there.
    """
    named = os.environ.get(FILE_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"{FILE_VARIABLE} names {named}, which is no file.", "Correct it.")
        return Path(named)
    for folder in (Path.cwd(), user_config_path("hybridsearch")):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def load_settings(**said: Any) -> Settings:
    """Read and check the configuration; what is ``said`` goes above file and environment.

    Raises:
        ConfigError: the file is no TOML, or a setting is unknown or out of range; the message
            names the setting.
    """
    try:
        return Settings(**said)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{config_file()} is no TOML: {error}.", "Mend that line.") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"])
        raise ConfigError(
            f"The setting {name} is wrong: {wrong['msg']}.",
            f"Correct it in {config_file() or 'the environment'}, or in the environment.",
        ) from error
