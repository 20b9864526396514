"""What the vendors' adapters say and ask, tested without a vendor: errors and requests."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest
from qdrant_client import models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from qdrant_client.http.models import QueryResponse

from hybridsearch.adapters.stores.edge_errors import edge_errors
from hybridsearch.adapters.stores.phrases import PHRASES, rewritten_filter
from hybridsearch.adapters.stores.qdrant_config import collection, indexes
from hybridsearch.adapters.stores.qdrant_errors import server_errors
from hybridsearch.adapters.stores.qdrant_filters import server_filter
from hybridsearch.adapters.stores.qdrant_search import rank
from hybridsearch.domain.filters import AnyOf, Filter, HasPhrase, Present
from hybridsearch.errors import InvalidPoint, StoreError, StoreLocked, StoreUnavailable
from hybridsearch.ports import DenseQuery, StoreSchema


class PanicException(BaseException):
    pass


class TestEdgeErrors:
    @pytest.mark.parametrize(
        ("fault", "kind", "remedy"),
        [
            (Exception("Can't init WAL: Kind(WouldBlock)"), StoreLocked, "Close that process"),
            (Exception("config is incompatible with segments"), StoreError, "rebuild the archive"),
            (Exception("No space left on device (os error 28)"), StoreError, "Free space"),
            (OSError("Permission denied"), StoreError, "the right to write"),
            (ValueError("something else."), StoreError, "Try again"),
            (PanicException("index out of bounds"), StoreError, "Try again"),
        ],
    )
    def test_are_ours_with_a_remedy(
        self, fault: BaseException, kind: type[StoreError], remedy: str
    ) -> None:
        with (
            pytest.raises(StoreError, match="/archive") as caught,
            edge_errors(Path("/archive"), "searching"),
        ):
            raise fault
        assert type(caught.value) is kind
        assert remedy in caught.value.remedy
        assert caught.value.__cause__ is fault

    @pytest.mark.parametrize(
        "fault", [KeyboardInterrupt(), AttributeError("a defect"), InvalidPoint("a", "b")]
    )
    def test_others_pass(self, fault: BaseException) -> None:
        with pytest.raises(type(fault)) as caught, edge_errors(Path("/archive"), "searching"):
            raise fault
        assert caught.value is fault


def response(code: int) -> UnexpectedResponse:
    return UnexpectedResponse(code, "reason", b"the body", httpx.Headers())


class TestServerErrors:
    @pytest.mark.parametrize(
        ("fault", "kind", "remedy"),
        [
            (response(401), StoreError, "API key"),
            (response(404), StoreError, "server's log"),
            (response(503), StoreUnavailable, "http://qdrant is right"),
            (ResponseHandlingException(OSError("refused")), StoreUnavailable, "can be reached"),
            (TimeoutError("too late"), StoreUnavailable, "can be reached"),
            (RuntimeError("instance is closed"), StoreUnavailable, "can be reached"),
            (RuntimeError("odd"), StoreError, "server's log"),
            (ValueError("odd"), StoreError, "server's log"),
        ],
    )
    def test_are_ours_with_a_remedy(
        self, fault: Exception, kind: type[StoreError], remedy: str
    ) -> None:
        with (
            pytest.raises(StoreError, match="http://qdrant failed while") as caught,
            server_errors("http://qdrant", "counting"),
        ):
            raise fault
        assert type(caught.value) is kind
        assert remedy in caught.value.remedy

    def test_ours_pass(self) -> None:
        with pytest.raises(InvalidPoint), server_errors("http://qdrant", "writing"):
            raise InvalidPoint("a", "b")


class TestServerFilters:
    def test_phrases_are_asked_of_the_one_text(self) -> None:
        keys = ("text.a", "text.b")
        asked = Filter(must=(HasPhrase(("text.a",), ("x", "y")),), must_not=(Present("text.b"),))
        made = server_filter(rewritten_filter(asked, keys))
        assert made == models.Filter(
            must=[models.Filter(should=[phrase("a|x a|y")])], must_not=[phrase("b|")]
        )
        anywhere = Filter(should=(HasPhrase(keys, ("x", "y")), Present("text")))
        assert server_filter(rewritten_filter(anywhere, keys)) == models.Filter(
            should=[
                phrase("x y"),
                models.Filter(
                    must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key="text"))]
                ),
            ]
        )


def phrase(text: str) -> models.FieldCondition:
    return models.FieldCondition(key=PHRASES, match=models.MatchPhrase(phrase=text))


class TestServerRequests:
    def test_dense_queries_say_how_to_search(self) -> None:
        sent: list[models.QueryRequest] = []

        def send(requests: list[models.QueryRequest]) -> list[QueryResponse]:
            sent.extend(requests)
            return [QueryResponse(points=[]) for _ in requests]

        vector = np.array([1, 0], dtype=np.float32)
        narrow = Filter(must=(AnyOf("city", ("Maribor",)),))
        queries = [
            DenseQuery("all", vector, 300),
            DenseQuery("narrow", vector, 10, narrow),
            DenseQuery("exact", vector, 10, narrow, exact=True),
        ]
        assert [each.entries for each in rank(send, False, queries)] == [(), (), ()]
        everything, filtered, exact = (each.params for each in sent)
        assert everything is not None
        assert everything.acorn is None
        assert (everything.hnsw_ef or 0) >= 300
        assert filtered is not None
        assert filtered.acorn is not None
        assert filtered.acorn.enable
        assert exact == models.SearchParams(exact=True)

    def test_collections_have_the_indexes_that_filters_use(self) -> None:
        keywords = ("city", "match.people")
        schema = StoreSchema(512, keywords, ("year",), ("text.a", "text.b"), ("location",))
        made = indexes(schema)
        assert [(key, kind.type) for key, kind in made] == [
            ("city", "keyword"),
            ("match.people", "keyword"),
            ("year", "integer"),
            (PHRASES, "text"),
            ("location", "geo"),
        ]
        assert all(kind.enable_hnsw is False for _, kind in made)
        text = made[3][1]
        assert isinstance(text, models.TextIndexParams)
        assert (text.tokenizer, text.lowercase, text.phrase_matching) == ("whitespace", False, True)
        assert indexes(StoreSchema(512)) == []
        configured = collection(schema, shards=3, replicas=2)
        assert (configured["shard_number"], configured["replication_factor"]) == (3, 2)
        assert collection(StoreSchema(None), 1, 1)["vectors_config"] == {}
