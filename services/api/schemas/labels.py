"""Tags, classifications and captions of a picture, as a client asks for and reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hybridsearch.labels.templates import DEFAULT_LANGUAGE
from services.api.schemas.answers import Encoder

MOST_LABELS = 500
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class LabelsRequest(BaseModel):
    """A picture (an asset's, or one that comes with the request) and labels for it."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    asset: str | None = Field(None, max_length=512, description="an asset's id; or send a picture")
    labels: list[Line] = Field(
        min_length=1,
        max_length=MOST_LABELS,
        description="each `label`, or `label: synonym, synonym`",
        examples=[["dog", "fire: blaze, flames"]],
    )
    language: str = Field(DEFAULT_LANGUAGE, max_length=8, description="of the labels")


class TagsRequest(LabelsRequest):
    """Which of the labels does the picture show?"""

    share: float | None = Field(
        None, gt=0, lt=1, description="of the archive's pictures that show an ordinary label"
    )
    least: float = Field(0.2, ge=0, le=1, description="less likely tags are left out")


class ClassesRequest(LabelsRequest):
    """Which one of the labels does the picture show?"""

    none: float | None = Field(
        None, gt=0, lt=1, description="share of pictures taken to show none of the labels"
    )


class CaptionsRequest(BaseModel):
    """What does the archive say of pictures like this one?"""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    asset: str | None = Field(None, max_length=512, description="an asset's id; or send a picture")
    limit: int = Field(5, ge=1, le=50)


class LabelProbability(BaseModel):
    """A label with its probability; `z` is how far its cosine stands above the background."""

    label: str
    probability: float
    cosine: float
    z: float


class TagsAnswer(BaseModel):
    """The tags, the likeliest first; each has a probability of its own."""

    archive: str
    tags: list[LabelProbability]
    encoder: Encoder
    notes: list[str] = Field(description="what the probabilities rest on")


class ClassesAnswer(BaseModel):
    """The labels, the likeliest first; with `none` their probabilities add up to 1."""

    archive: str
    labels: list[LabelProbability]
    none: float | None
    encoder: Encoder
    notes: list[str]


class Caption(BaseModel):
    """A caption of the archive; `assets` have it, the nearest first."""

    text: str
    score: float
    similarity: float
    fits: float | None
    assets: list[str]


class CaptionsAnswer(BaseModel):
    """Captions, the most fitting first."""

    archive: str
    captions: list[Caption]
    encoder: Encoder
    notes: list[str]
