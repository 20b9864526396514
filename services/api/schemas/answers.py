"""Answers as a client reads them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from hybridsearch.domain.names import Evidence
from hybridsearch.domain.plan import LegKind, Method
from hybridsearch.domain.understood import PartKind
from services.api.schemas.assets import Asset


class Part(BaseModel):
    """One part of a query as it was understood: a chip on a page."""

    kind: PartKind
    start: int = Field(description="first character in `typed`")
    end: int
    text: str
    field: str | None
    value: str | None
    negated: bool
    without: str = Field(description="the query without this part")


class Understood(BaseModel):
    """What was understood of the words; notes say what could not be read as typed."""

    typed: str = Field(description="the query that start and end count in")
    canonical: str = Field(description="the query in regular writing, for links")
    text: str = Field(description="the words that rank")
    parts: list[Part]


class Name(BaseModel):
    """A name in the query."""

    typed: str
    display: str
    evidence: Evidence
    confidence: float
    fields: list[str]
    count: int


class Suggestion(BaseModel):
    """Did you mean ..."""

    typed: str
    text: str
    documents: int
    sure: bool


class Term(BaseModel):
    """A term that a leg asks for; `idf` is null where no document has it."""

    word: str
    term: str
    form: str
    weight: float
    idf: float | None


class Leg(BaseModel):
    """One ranking of the plan."""

    name: str
    kind: LegKind
    weight: float
    depth: int
    text: str | None
    picture: bool = Field(description="it looks like the picture that came with the request")
    like: str | None
    minus: str | None
    terms: list[Term]


class Note(BaseModel):
    """What the planner decided, doubts or could not do."""

    kind: str = Field(description="names what is told; stable")
    text: str = Field(description="the note in English")
    values: dict[str, str | int | list[str]] = Field(description="what the note speaks of")


class Plan(BaseModel):
    """All that decides an answer, apart from the archive itself."""

    sentence: str
    notes: list[Note]
    method: Method
    k: int = Field(description="of reciprocal rank fusion")
    understood: Understood
    names: list[Name]
    scene: str
    suggestions: list[Suggestion]
    legs: list[Leg]


class Contribution(BaseModel):
    """What a leg gave to a hit's score; a null rank lies beyond the leg's list."""

    leg: str
    rank: int | None
    score: float
    weight: float
    value: float


class MatchedTerm(BaseModel):
    """A query term that stands in the asset."""

    word: str
    term: str
    form: str
    weight: float
    idf: float
    fields: dict[str, float]
    score: float


class Why(BaseModel):
    """Why a hit is where it is: the contributions add up to its score."""

    sentence: str
    contributions: list[Contribution]
    terms: list[MatchedTerm]
    words: list[str] = Field(
        description="the asset's words that match, as they stand in it; where marks were asked for"
    )


class Hit(BaseModel):
    """One asset in the answer; `rank` counts from 1."""

    rank: int
    score: float
    relevance: float | None = Field(description="probability; null without a calibration")
    leg_relevance: dict[str, float]
    twins: list[str] = Field(description="ids of near duplicates folded into it")
    why: Why
    asset: Asset


class FacetValue(BaseModel):
    """A value and how many pictures have it."""

    value: str = Field(description="as a filter takes it")
    display: str
    count: int


class Facet(BaseModel):
    """The most frequent values of one field among the pictures that pass the filter."""

    name: str
    values: list[FacetValue]


class Bar(BaseModel):
    """Pictures dated from the year `first` to `last`, both included."""

    first: int
    last: int
    count: int


class Counts(BaseModel):
    """What the pictures that pass the filter have most of, and when they were taken."""

    facets: list[Facet]
    years: list[Bar]


class Encoder(BaseModel):
    """The encoder of the archive; `trial` says that it is for trying out only."""

    name: str
    dimension: int
    trial: bool


class Totals(BaseModel):
    """How many there are."""

    listed: int = Field(description="hits of the fused list that can be read page by page")
    about: bool = Field(description="the list ended at its depth: there are more than `listed`")
    eligible: int = Field(description="assets that pass the filter, exactly")


class SearchAnswer(BaseModel):
    """The hits, and the plan that led to them."""

    archive: str
    generation: int
    hits: list[Hit]
    totals: Totals
    next: str | None = Field(description="the cursor of the next page; null after the last")
    near_duplicates: list[str] = Field(
        description="ids of hits that look the same as the asset asked to look like"
    )
    nothing_relevant: bool = Field(description="a cut was asked for and nothing reached it")
    plan: Plan
    encoder: Encoder | None
    counts: Counts | None = Field(description="where facets were asked for")
    milliseconds: dict[str, float] = Field(description="wall time of each step")


class PlanAnswer(BaseModel):
    """What a search would do."""

    archive: str
    generation: int
    plan: Plan


class FacetsAnswer(BaseModel):
    """Counts among the pictures that pass the filter of a query."""

    archive: str
    eligible: int
    counts: Counts


class Completion(BaseModel):
    """A name or word of the archive that begins as typed; `field` is null for a word."""

    text: str
    field: str | None
    count: int
    query: str = Field(description="the query with the completion in its place")


class SuggestionsAnswer(BaseModel):
    """What could be meant by what was typed so far."""

    completions: list[Completion]
    did_you_mean: list[Suggestion]
