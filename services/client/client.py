"""The client: one method for each route, the API's schemas on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from services.api.schemas.answers import (
    FacetsAnswer,
    PlanAnswer,
    SearchAnswer,
    SuggestionsAnswer,
)
from services.api.schemas.archives import (
    ArchivesAnswer,
    ArchiveState,
    GenerationsAnswer,
    GenerationState,
    Job,
    JobsAnswer,
)
from services.api.schemas.assets import (
    Asset,
    AssetsAnswer,
    Batch,
    Deleted,
    GivenAsset,
    NamedAsset,
    Written,
)
from services.api.schemas.labels import (
    CaptionsAnswer,
    CaptionsRequest,
    ClassesAnswer,
    ClassesRequest,
    TagsAnswer,
    TagsRequest,
)
from services.api.schemas.requests import SearchRequest
from services.client.errors import ApiError, error_of

Answer = TypeVar("Answer", bound=BaseModel)
Asked = TypeVar("Asked", SearchRequest, TagsRequest, ClassesRequest, CaptionsRequest)
Picture = bytes | Path


class Client:
    """Asks one service, of one archive. Safe to share among threads; close it at the end.

    Args:
        url: where the service is.
        key: for the header ``x-api-key``; none is needed on the same machine by default.
        archive: which one; the service's first where None.
        timeout: seconds that a connection, and each wait for an answer, may take.
        transport: how requests travel; for tests.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        key: str | None = None,
        archive: str | None = None,
        *,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._archive = archive
        self._http = httpx.Client(
            base_url=url,
            headers={"x-api-key": key} if key else {},
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def search(self, asked: SearchRequest | str, *, picture: Picture | None = None) -> SearchAnswer:
        """Search by words or by all that a ``SearchRequest`` holds, and by a picture."""
        request = SearchRequest(q=asked) if isinstance(asked, str) else asked
        body = self._here(request).model_dump_json(exclude_defaults=True)
        return self._told(SearchAnswer, "POST", "/v1/search", **_body(body, picture))

    def pages(
        self, asked: SearchRequest | str, *, picture: Picture | None = None
    ) -> Iterator[SearchAnswer]:
        """The answer page by page, to the end of its list."""
        request = SearchRequest(q=asked) if isinstance(asked, str) else asked
        while True:
            answer = self.search(request, picture=picture)
            yield answer
            if answer.next is None:
                return
            request = request.model_copy(update={"cursor": answer.next})

    def similar(self, asset_id: str, *, limit: int = 20, fold: bool = False) -> SearchAnswer:
        """The pictures that look most like one of the archive."""
        path = f"/v1/similar/{quote(asset_id)}"
        return self._told(SearchAnswer, "GET", path, params={"limit": limit, "fold": fold})

    def plan(self, q: str) -> PlanAnswer:
        """What a search would do."""
        return self._told(PlanAnswer, "GET", "/v1/plan", params={"q": q})

    def facets(
        self,
        q: str = "",
        filters: Sequence[str] = (),
        *,
        fields: Sequence[str] = (),
        values: int = 10,
    ) -> FacetsAnswer:
        """Counts among the pictures that pass; filters as ``field=value``.

        ``fields`` are the facets to count, all where none is named; ``values`` how many values of
        each are told, the most frequent.
        """
        params = {"q": q, "filter": list(filters), "field": list(fields), "values": values}
        return self._told(FacetsAnswer, "GET", "/v1/facets", params=params)

    def suggestions(self, q: str, *, limit: int = 8) -> SuggestionsAnswer:
        """What a query that is being typed may be going to say."""
        params = {"q": q, "limit": limit}
        return self._told(SuggestionsAnswer, "GET", "/v1/suggestions", params=params)

    def tags(self, asked: TagsRequest, *, picture: Picture | None = None) -> TagsAnswer:
        """Which of the labels a picture shows; an asset's, or one that is given."""
        return self._labelled(TagsAnswer, "/v1/tags", asked, picture)

    def classify(self, asked: ClassesRequest, *, picture: Picture | None = None) -> ClassesAnswer:
        """Which one of the labels a picture shows."""
        return self._labelled(ClassesAnswer, "/v1/classification", asked, picture)

    def captions(self, asked: CaptionsRequest, *, picture: Picture | None = None) -> CaptionsAnswer:
        """The archive's captions that are nearest to a picture."""
        return self._labelled(CaptionsAnswer, "/v1/captions", asked, picture)

    def asset(self, asset_id: str) -> Asset:
        """One asset."""
        return self._told(Asset, "GET", f"/v1/assets/{quote(asset_id)}")

    def assets(self, ids: Sequence[str]) -> AssetsAnswer:
        """Several assets, and which of the ids there are not."""
        return self._told(AssetsAnswer, "GET", "/v1/assets", params={"id": list(ids)})

    def thumbnail(self, asset_id: str) -> bytes:
        """A WebP file, 320 pixels at most."""
        return self._asked("GET", f"/v1/thumbnails/{quote(asset_id)}").content

    def preview(self, asset_id: str) -> bytes:
        """A WebP file, 1280 pixels at most."""
        return self._asked("GET", f"/v1/previews/{quote(asset_id)}").content

    def write(self, assets: Sequence[NamedAsset], *, root: str | None = None) -> Written:
        """Write assets; their files lie below a root that the server has configured."""
        batch = Batch(archive=self._archive, root=root, assets=list(assets))
        body = batch.model_dump_json(exclude_defaults=True)
        return self._told(Written, "POST", "/v1/assets", **_body(body))

    def write_one(
        self, asset_id: str, asset: GivenAsset, *, picture: Picture | None = None
    ) -> Written:
        """Write one asset, with its picture where one is given."""
        body = asset.model_dump_json(exclude_defaults=True)
        path = f"/v1/assets/{quote(asset_id)}"
        return self._told(Written, "PUT", path, **_body(body, picture))

    def delete(self, ids: Sequence[str]) -> int:
        """Delete assets; how many of the ids there were."""
        body = {"ids": list(ids), "archive": self._archive}
        return self._told(Deleted, "POST", "/v1/deletions", json=body).deleted

    def archives(self) -> list[ArchiveState]:
        """The archives of the service; the first is its default."""
        return self._told(ArchivesAnswer, "GET", "/v1/archives").archives

    def generations(self, archive: str) -> list[GenerationState]:
        """All builds of an archive's index."""
        path = f"/v1/archives/{quote(archive, safe='')}/generations"
        return self._told(GenerationsAnswer, "GET", path).generations

    def ingest(self, root: str, path: str = "", columns: Mapping[str, str] | None = None) -> Job:
        """Start an ingest of what lies below a root of the server."""
        body = {"kind": "ingest", "archive": self._archive, "root": root, "path": path}
        return self._told(Job, "POST", "/v1/jobs", json={**body, "columns": dict(columns or {})})

    def finish(self) -> Job:
        """Have the index finished over what was written one by one."""
        body = {"kind": "finish", "archive": self._archive}
        return self._told(Job, "POST", "/v1/jobs", json=body)

    def jobs(self) -> list[Job]:
        """The jobs of the service's present run, the newest first."""
        return self._told(JobsAnswer, "GET", "/v1/jobs").jobs

    def job(self, job_id: str) -> Job:
        """One job and how far it is."""
        return self._told(Job, "GET", f"/v1/jobs/{quote(job_id, safe='')}")

    def cancel(self, job_id: str) -> Job:
        """Have a job end after the batch in hand."""
        return self._told(Job, "DELETE", f"/v1/jobs/{quote(job_id, safe='')}")

    def watch(self, job_id: str) -> Iterator[Job]:
        """The job each time that something has changed, until it is over."""
        path = f"/v1/jobs/{quote(job_id, safe='')}/events"
        try:
            with self._http.stream("GET", path) as response:
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        yield Job.model_validate_json(line.removeprefix("data: "))
        except httpx.HTTPError as error:
            raise _unreached(error) from error

    def _here(self, request: Asked) -> Asked:
        if request.archive is not None or self._archive is None:
            return request
        return request.model_copy(update={"archive": self._archive})

    def _labelled(
        self, kind: type[Answer], path: str, asked: Asked, picture: Picture | None
    ) -> Answer:
        body = self._here(asked).model_dump_json(exclude_defaults=True)
        return self._told(kind, "POST", path, **_body(body, picture))

    def _told(self, kind: type[Answer], method: str, path: str, **sent: Any) -> Answer:
        return kind.model_validate_json(self._asked(method, path, **sent).content)

    def _asked(
        self, method: str, path: str, params: Mapping[str, Any] | None = None, **sent: Any
    ) -> httpx.Response:
        """The response of a success.

        Raises:
            ApiError: it is a problem, or there is none.
        """
        if self._archive is not None and method in ("GET", "PUT") and _has_archive(path):
            params = {**(params or {}), "archive": self._archive}
        try:
            response = self._http.request(method, path, params=params, **sent)
        except httpx.HTTPError as error:
            raise _unreached(error) from error
        if not response.is_success:
            raise error_of(response)
        return response


def _has_archive(path: str) -> bool:
    """Whether the address says which archive: the others say it in the body or path."""
    return not path.startswith(("/v1/jobs", "/v1/archives"))


def _body(json: str, picture: Picture | None = None) -> dict[str, Any]:
    if picture is None:
        return {"content": json, "headers": {"content-type": "application/json"}}
    data = picture if isinstance(picture, bytes) else picture.read_bytes()
    return {"data": {"request": json}, "files": {"picture": ("picture", data)}}


def _unreached(error: httpx.HTTPError) -> ApiError:
    return ApiError(
        f"The service does not answer: {type(error).__name__}: {error}.",
        "Check its address, and that it runs: GET /health.",
    )
