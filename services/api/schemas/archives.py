"""The state of archives, and the jobs that change them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.api.schemas.answers import Encoder
from services.api.schemas.problem import Problem


class GenerationState(BaseModel):
    """One build of an archive's index."""

    number: int
    live: bool
    created: str
    complete: bool = Field(description="its first ingest has ended")
    pending: bool = Field(description="something was written since indexes were finished")
    encoder: Encoder | None
    fingerprint: str | None
    analyzer_version: str
    drift: float = Field(description="how far average text lengths moved since words were weighed")


class ArchiveState(BaseModel):
    """An archive, its live generation, and what it needs."""

    name: str
    assets: int
    engine: str
    indexed: int | None = Field(description="vectors that the graph covers, where known")
    generation: int
    encoder: Encoder | None
    calibrated: bool
    needs: list[str] = Field(description="what should be done, one sentence each")


class ArchivesAnswer(BaseModel):
    """The archives that this service answers for; the first is the default."""

    archives: list[ArchiveState]


class GenerationsAnswer(BaseModel):
    """All builds of an archive's index, the oldest first."""

    generations: list[GenerationState]


class JobKind(StrEnum):
    """What a job does."""

    INGEST = "ingest"
    FINISH = "finish"


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class IngestRequest(BaseModel):
    """Index a folder of pictures or a manifest below a configured root."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["ingest"]
    archive: str | None = Field(None, max_length=63)
    root: str = Field(max_length=63, description="the name of a configured folder")
    path: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "", description="a folder or a manifest (.jsonl, .csv) below the root; empty: all of it"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        max_length=50,
        description="asset field to manifest column: {creator: photographer}",
    )


class FinishRequest(BaseModel):
    """Weigh words, gather names and build indexes over what was written one by one."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["finish"]
    archive: str | None = Field(None, max_length=63)


class JobFailure(BaseModel):
    """An entry that could not be used."""

    asset_id: str
    origin: str
    reason: str
    remedy: str


class Job(BaseModel):
    """A job and how far it is."""

    id: str
    kind: JobKind
    archive: str
    state: JobState
    root: str | None
    path: str | None
    phase: str
    phase_done: int = Field(description="assets that the phase has dealt with, after the reading")
    phase_total: int = Field(description="of so many; 0 where that is not known")
    total: int | None
    written: int
    embedded: int
    unchanged: int
    failed: int
    skipped: dict[str, int] = Field(description="files left out by their name, by kind")
    failures: list[JobFailure] = Field(description="the first of them")
    created: str
    started: str | None
    ended: str | None
    problem: Problem | None


class JobsAnswer(BaseModel):
    """The jobs of this run of the service, the newest first."""

    jobs: list[Job]
