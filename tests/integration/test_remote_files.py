"""Files that a manifest names by URL: from a web server and an S3 server, both real and local."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.remote import FsspecFiles
from hybridsearch.bootstrap import open_archive
from hybridsearch.errors import PictureError
from hybridsearch.ingest.changes import work_for
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.load import Loaded, load
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.upkeep import rebuild
from tests.builders import png, settings_in, write_manifest

pytest.importorskip("aiohttp", reason="the extra remote is not installed")

PICTURE = png("red")
BODIES = {"/a.png": PICTURE, "/b.png": png("blue"), "/notes.txt": b"no picture"}


class Site(BaseHTTPRequestHandler):
    """A web server with good and bad habits."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str]]] = []
    tag = "one"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path))
        path = self.path.partition("?")[0]
        if path == "/slow.png":
            time.sleep(3)
        if path == "/moved.png":
            self._answer(302, b"", Location="/a.png")
        elif path == "/secret.png":
            self._answer(403, b"")
        elif path == "/broken.png":
            self._answer(500, b"")
        elif path == "/huge.png":
            self.send_response(200)
            self.send_header("Content-Length", str(2**40))
            self.end_headers()
            self.close_connection = True
        elif path == "/endless.png":
            self._endless()
        elif path in BODIES:
            self._answer(200, BODIES[path], ETag=f'"{self.tag}"')
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _endless(self) -> None:
        """No length is told, and the data never end."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            while True:
                self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        except OSError:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def files() -> FsspecFiles:
    return FsspecFiles(timeout=1.0)


def test_a_file_is_fetched_whole(files: FsspecFiles, site: str) -> None:
    assert files.read(f"{site}/a.png", 10**6) == PICTURE
    assert files.read(f"{site}/moved.png", 10**6) == PICTURE


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/absent.png", "is not there"),
        ("/secret.png", "may not be read"),
        ("/broken.png", "cannot be fetched"),
        ("/slow.png", "did not answer in time"),
        ("/huge.png", "more than the 1 MiB allowed"),
        ("/endless.png", "more than the 1 MiB allowed"),
    ],
)
def test_what_cannot_be_had_is_told(files: FsspecFiles, site: str, path: str, told: str) -> None:
    started = time.monotonic()
    with pytest.raises(PictureError, match=told) as error:
        files.read(f"{site}{path}?signature=hush", 2**20)
    assert time.monotonic() - started < 10
    assert error.value.remedy
    assert "hush" not in error.value.message


def test_nobody_there_is_told(files: FsspecFiles) -> None:
    with pytest.raises(PictureError, match="cannot be fetched"):
        files.read("http://127.0.0.1:9/a.png", 10**6)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://user:hush@127.0.0.1/a.png", "name or a password"),
        ("ftp://127.0.0.1/a.png", "by ftp"),
        ("file:///etc/hostname", "by file"),
        ("/etc/hostname", "by no scheme"),
        ("simplecache::file:///etc/hostname", "by simplecache"),
    ],
)
def test_other_schemes_and_passwords_are_refused(files: FsspecFiles, url: str, told: str) -> None:
    with pytest.raises(PictureError, match=told) as error:
        files.read(url, 10**6)
    assert "hush" not in str(error.value)


def test_versions_change_with_the_content(
    files: FsspecFiles, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [f"{site}/a.png", f"{site}/b.png", f"{site}/absent.png"]
    before = files.versions(urls)
    assert before.keys() == set(urls[:2])
    assert files.versions(urls) == before
    monkeypatch.setattr(Site, "tag", "two")
    after = files.versions(urls)
    assert all(after[url] != before[url] for url in before)
    assert files.versions([]) == {}


def test_it_pickles_for_other_processes(files: FsspecFiles, site: str) -> None:
    assert pickle.loads(pickle.dumps(files)).read(f"{site}/a.png", 10**6) == PICTURE


def test_a_manifest_of_urls(tmp_path: Path, files: FsspecFiles, site: str) -> None:
    rows = [
        {"id": "a", "file": f"{site}/a.png", "caption": "Red"},
        {"id": "text", "file": f"{site}/notes.txt"},
        {"id": "gone", "file": f"{site}/gone.png"},
        {"id": "ftp", "file": "ftp://example.org/a.png"},
    ]
    source = ManifestSource(write_manifest(tmp_path / "m.jsonl", rows))
    extras = Extras(remote=files)
    listed = list(source.entries())
    entries = [each for each in listed if isinstance(each, Entry)]
    assert [each.asset_id for each in entries] == ["a", "text", "gone"]
    versions = extras.versions_of(listed)
    results = [
        load(work_for(each, "id", {}, versions[each.asset_id]), FileMediaReader(), extras=extras)
        for each in entries
    ]
    assert isinstance(results[0], Loaded)
    assert results[0].asset.uri == f"{site}/a.png"
    assert (results[0].asset.caption, results[0].asset.media_type) == ("Red", "image/png")
    assert [each.reason for each in results[1:] if isinstance(each, Failure)] == [
        "The file is no picture of a known format.",
        f"{site}/gone.png is not there.",
    ]
    refused = listed[3]
    assert isinstance(refused, Failure) and "by ftp" in refused.reason
    same = work_for(entries[0], "id", {}, extras.versions_of(listed)["a"])
    assert same.now.fields_hash == results[0].work.now.fields_hash


def test_a_rebuild_fetches_pictures_from_where_they_were(tmp_path: Path, site: str) -> None:
    """Also where the asset's own URI is a page about it; a service fetches nothing at all."""
    rows = [{"id": "a", "file": f"{site}/a.png", "uri": "https://archive.example/a"}]
    source = ManifestSource(write_manifest(tmp_path / "m.jsonl", rows))
    with open_archive(settings_in(tmp_path / "d", encoder={"name": "none"}), create=True) as made:
        refused = replace(made, fetches=False).ingest().run(source)
        assert [each.reason for each in refused.failures] == [
            f"{site}/a.png cannot be fetched here."
        ]
        assert made.ingest().run(source).written == 1
    done = rebuild(settings_in(tmp_path / "d"))
    assert done is not None and (done.report.embedded, done.report.failures) == (1, [])


def test_a_file_without_a_version_is_always_read_again(files: FsspecFiles, site: str) -> None:
    entry = Entry("a", None, "a", url=f"{site}/absent.png")
    extras = Extras(remote=files)
    assert extras.versions_of([entry]) != extras.versions_of([entry])


def test_without_the_means_a_url_is_a_failure() -> None:
    entry = Entry("a", None, "a", url="https://example.org/a.png")
    result = load(work_for(entry, "id", {}), FileMediaReader())
    assert isinstance(result, Failure) and "hybridsearch[remote]" in result.remedy


def test_any_file_system_of_fsspec_can_be_allowed() -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/archive/a.png", PICTURE)
    files = FsspecFiles(options={"memory": {}})
    assert files.read("memory://archive/a.png", 10**6) == PICTURE
    with pytest.raises(PictureError, match="by http"):
        files.read("http://127.0.0.1/a.png", 10**6)


@contextmanager
def s3_server() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="the extra remote is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        running.stop()


@pytest.mark.filterwarnings("ignore")
def test_files_in_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3", reason="moto is not installed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with s3_server() as endpoint:
        bucket = boto3.client("s3", endpoint_url=endpoint)
        bucket.create_bucket(
            Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        bucket.put_object(Bucket="archive", Key="1942/a b.png", Body=PICTURE)
        files = FsspecFiles(timeout=5.0, options={"s3": {"endpoint_url": endpoint}})
        url = "s3://archive/1942/a b.png"
        assert files.read(url, 10**6) == PICTURE
        before = files.versions([url])
        bucket.put_object(Bucket="archive", Key="1942/a b.png", Body=png("blue"))
        assert files.versions([url])[url] != before[url]
        with pytest.raises(PictureError, match="is not there"):
            files.read("s3://archive/gone.png", 10**6)
        with pytest.raises(PictureError, match="more than"):
            files.read(url, 10)
