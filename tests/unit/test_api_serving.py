"""Small parts of the service that need no server."""

from __future__ import annotations

import json
import logging
import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybridsearch.config import Settings
from hybridsearch.domain.plan import Leg, LegKind
from hybridsearch.domain.query import Query
from hybridsearch.domain.upload import Upload
from hybridsearch.errors import StoreError, StoreUnavailable
from services.api.app import allowed_hosts
from services.api.logs import JsonLines, TextLines
from services.api.metrics import Metrics
from services.api.middleware import Limits
from services.api.problems import Refusal, problem_of, too_many
from services.api.service import is_loopback
from services.api.telling import _public
from services.cli import serve_app


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "said %s", "args": ("so",), "name": "x", **extra})
    made.levelname = "INFO"
    return made


def test_log_lines_are_json_with_what_was_given() -> None:
    told = json.loads(JsonLines().format(record(request_id="r", odd=object)))
    assert (told["message"], told["request_id"], told["level"]) == ("said so", "r", "info")
    assert "\n" not in JsonLines().format(record(text="a\nb"))


def test_a_traceback_goes_into_its_line() -> None:
    try:
        raise ValueError("lost")
    except ValueError:
        failed = record(exc_info=sys.exc_info())
    assert "ValueError: lost" in json.loads(JsonLines().format(failed))["traceback"]
    assert "ValueError: lost" in TextLines().format(failed)
    assert "said so r=1" in TextLines().format(record(r=1))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (None, (None, None)),
        ("file:///srv/photos/a%20b.jpg", (None, "a b.jpg")),
        ("/srv/photos/a.jpg", (None, "a.jpg")),
        ("https://archive.example/x/a.jpg", ("https://archive.example/x/a.jpg", "a.jpg")),
        ("https://archive.example", ("https://archive.example", None)),
        ("http://[", ("http://[", None)),
    ],
)
def test_no_path_of_the_server_is_public(
    uri: str | None, expected: tuple[str | None, str | None]
) -> None:
    assert _public(uri) == expected


def test_the_servers_own_faults_tell_no_details() -> None:
    for error in (StoreError("/srv/index is broken.", "x"), StoreUnavailable("/srv", "x")):
        told = problem_of(error)
        assert told.status in (500, 503)
        assert "/srv" not in told.detail + told.remedy


def test_who_asks_too_often_is_told_how_long_to_wait() -> None:
    refused = too_many(0.2)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")


def test_hosts() -> None:
    assert allowed_hosts("0.0.0.0", ()) is None
    assert allowed_hosts("0.0.0.0", ("archive.example",)) == ("archive.example",)
    assert "localhost" in (allowed_hosts("127.0.0.1", ()) or ())
    assert not is_loopback("128.0.0.1")


def test_limits_are_by_what_a_body_is_for() -> None:
    limits = Limits(query=1, upload=2, batch=3, seconds=1)
    assert limits.of("POST", "/v1/search", "application/json") == 1
    assert limits.of("POST", "/v1/search", "multipart/form-data; boundary=x") == 2
    assert limits.of("POST", "/v1/assets", "application/json") == 3
    assert limits.of("DELETE", "/v1/assets/x", "") == 1


def test_metrics_take_no_method_that_nobody_knows() -> None:
    metrics = Metrics()
    for number in range(5):
        metrics.request(f"M{number}", "/x", 405, 0.1)
    assert metrics.text().decode().count('method="other"') > 0
    assert 'method="M1"' not in metrics.text().decode()


def test_an_uploads_bytes_do_not_show_in_messages() -> None:
    upload = Upload(b"secret")
    assert "secret" not in repr(Query(picture=upload))
    assert "secret" not in repr(Leg("picture", LegKind.LOOKS, 1.0, 10, picture=upload))
    assert upload.read_bytes() == b"secret"


def test_the_readmes_command_serves_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^hybridsearch serve .*$", readme, flags=re.MULTILINE)
    served: list[Settings] = []
    monkeypatch.setattr("services.api.serve.serve", lambda settings, *more: served.append(settings))
    done = CliRunner().invoke(serve_app, shlex.split(line)[2:])
    assert done.exit_code == 0, done.output
    assert served[0].archive == "news"
    assert served[0].service.roots == {"photos": Path("/srv/photos")}
