"""Assets as a client reads and writes them; names follow the IPTC Photo Metadata Standard."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hybridsearch.domain.asset import Provenance

MOST_ASSETS = 500
MOST_IDS = 1000
AssetId = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Location(BaseModel):
    """A place, in degrees (WGS 84)."""

    latitude: float
    longitude: float


class Links(BaseModel):
    """Where more of an asset is; null where there is no picture."""

    self: str
    thumbnail: str | None
    preview: str | None
    similar: str | None


class Asset(BaseModel):
    """One picture of the archive with its metadata."""

    id: str
    uri: str | None = Field(description="where the original is, unless it is a file of the server")
    file_name: str | None
    headline: str | None
    caption: str | None
    keywords: list[str]
    people: list[str]
    organisations: list[str]
    event: str | None
    city: str | None
    region: str | None
    country: str | None
    location: Location | None
    creator: str | None
    credit: str | None
    source: str | None
    copyright: str | None
    usage_terms: str | None
    date_created: str | None
    collection: str | None
    language: str | None
    ocr_text: str | None
    extra: dict[str, str]
    width: int | None
    height: int | None
    media_type: str | None
    content_hash: str | None
    perceptual_hash: str | None
    provenance: dict[str, Provenance] = Field(description="where each field's value came from")
    links: Links


class AssetsAnswer(BaseModel):
    """The assets that there are, in the order asked."""

    assets: list[Asset]
    missing: list[str]


Text = Annotated[str, StringConstraints(max_length=20_000)]
Texts = Annotated[list[Annotated[str, StringConstraints(max_length=500)]], Field(max_length=500)]


class GivenLocation(BaseModel):
    """A place, in degrees (WGS 84)."""

    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class GivenAsset(BaseModel):
    """What is known of an asset; what is absent may still come from the picture's metadata."""

    model_config = ConfigDict(extra="forbid")

    headline: Text | None = None
    caption: Text | None = None
    keywords: Texts = []
    people: Texts = []
    organisations: Texts = []
    event: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country: Text | None = None
    location: GivenLocation | None = None
    creator: Text | None = None
    credit: Text | None = None
    source: Text | None = None
    copyright: Text | None = None
    usage_terms: Text | None = None
    date_created: Text | None = None
    collection: Text | None = None
    language: Text | None = None
    ocr_text: Text | None = None
    extra: dict[str, Text] = Field(default_factory=dict, max_length=100)


class NamedAsset(GivenAsset):
    """One asset of a batch."""

    id: AssetId
    file: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = Field(
        None,
        description="the picture, as a path below `root`; without one, the picture that the asset "
        "has already stays",
    )


class Batch(BaseModel):
    """Assets to write. Writing the same twice changes nothing."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    root: str | None = Field(None, max_length=63, description="the name of a configured folder")
    assets: list[NamedAsset] = Field(min_length=1, max_length=MOST_ASSETS)


class Failed(BaseModel):
    """An asset that could not be written."""

    asset_id: str
    reason: str
    remedy: str


class Written(BaseModel):
    """What became of the assets; all that are not in `failures` are on disk."""

    written: int
    embedded: int = Field(description="of those written, how many went through the encoder")
    unchanged: int
    failures: list[Failed]


class Deletion(BaseModel):
    """Assets to delete; ids that are not there are no error."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    ids: list[AssetId] = Field(min_length=1, max_length=MOST_IDS)


class Deleted(BaseModel):
    """How many of the ids there were."""

    deleted: int
