"""What a picture shows, in given labels or in the archive's own captions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from hybridsearch.domain.upload import Upload
from hybridsearch.labels.classifying import ClassSettings, LabelShare
from hybridsearch.labels.label import labels_from
from hybridsearch.labels.looked import Looked, OfAsset
from hybridsearch.labels.tagging import Tag, TagSettings
from services.api.access import MAY_SEARCH, service_of
from services.api.routes.bodies import body_of, declared
from services.api.routes.told import json_of
from services.api.schemas import labels as schemas
from services.api.served import Served
from services.api.telling import told_card

router = APIRouter(prefix="/v1", tags=["labels"], dependencies=[MAY_SEARCH])


@router.post(
    "/tags", response_model=schemas.TagsAnswer, openapi_extra=declared(schemas.TagsRequest)
)
async def tags(request: Request) -> Response:
    """Which of many labels a picture shows, each with a probability of its own."""
    asked, picture = await body_of(request, schemas.TagsRequest)
    service = service_of(request)
    served = service.archive(asked.archive)
    looked = await _looked(served, asked.asset, picture)

    def work() -> Response:
        labels = labels_from(asked.labels, asked.language)
        found = served.labeller.tag(looked, labels, TagSettings(asked.share, asked.least))
        return json_of(
            schemas.TagsAnswer(
                archive=served.name,
                tags=[_probability(each) for each in found.tags],
                encoder=told_card(found.encoder),
                notes=list(found.notes),
            )
        )

    return await service.working(work)


@router.post(
    "/classification",
    response_model=schemas.ClassesAnswer,
    openapi_extra=declared(schemas.ClassesRequest),
)
async def classification(request: Request) -> Response:
    """Which one of a few labels a picture shows; no training, the labels may be any."""
    asked, picture = await body_of(request, schemas.ClassesRequest)
    service = service_of(request)
    served = service.archive(asked.archive)
    looked = await _looked(served, asked.asset, picture)

    def work() -> Response:
        labels = labels_from(asked.labels, asked.language)
        found = served.labeller.classify(looked, labels, ClassSettings(asked.none))
        return json_of(
            schemas.ClassesAnswer(
                archive=served.name,
                labels=[_probability(each) for each in found.labels],
                none=found.none,
                encoder=told_card(found.encoder),
                notes=list(found.notes),
            )
        )

    return await service.working(work)


@router.post(
    "/captions",
    response_model=schemas.CaptionsAnswer,
    openapi_extra=declared(schemas.CaptionsRequest),
)
async def captions(request: Request) -> Response:
    """The captions of the archive that are nearest to a picture."""
    asked, picture = await body_of(request, schemas.CaptionsRequest)
    service = service_of(request)
    served = service.archive(asked.archive)
    looked = await _looked(served, asked.asset, picture)

    def work() -> Response:
        found = served.labeller.describe(looked, asked.limit)
        return json_of(
            schemas.CaptionsAnswer(
                archive=served.name,
                captions=[
                    schemas.Caption(
                        text=each.text,
                        score=each.score,
                        similarity=each.similarity,
                        fits=each.fits,
                        assets=list(each.assets),
                    )
                    for each in found.captions
                ],
                encoder=told_card(found.encoder),
                notes=list(found.notes),
            )
        )

    return await service.working(work)


async def _looked(served: Served, asset: str | None, picture: bytes | None) -> Looked:
    """The picture that is asked about.

    Raises:
        RequestValidationError: there is none, or there are two.
        PictureError: the upload is none.
    """
    if (asset is None) == (picture is None):
        message = "give the id of an asset, or send a picture in a form; one of the two"
        raise RequestValidationError(
            [{"loc": ("body", "asset"), "msg": message, "type": "value_error"}]
        )
    if picture is None:
        return OfAsset(asset or "")
    return Upload(await served.uploads.plain(picture))


def _probability(told: Tag | LabelShare) -> schemas.LabelProbability:
    return schemas.LabelProbability(
        label=told.label, probability=told.probability, cosine=told.cosine, z=told.z
    )
