"""Files that a manifest names by URL, through fsspec: web servers, S3, Google Cloud Storage.

In: URLs out of the archive engineer's own manifest; nothing that serves searches has this. Out:
their bytes and versions, or ``PictureError``. Needs the extra ``remote``. Credentials come from
where each cloud's tools keep them, never from the URL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from hybridsearch.errors import PictureError

_BLOCK = 4 * 2**20
_ASKED_AT_ONCE = 16
_VERSION_KEYS = ("ETag", "etag", "md5Hash", "generation", "Last-Modified", "LastModified", "mtime")
"""What the file systems call it; several of them may be there."""


class FsspecFiles:
    """Implements ``ports.RemoteFiles``; safe to share among threads, pickles.

    The file systems are made when they are first needed; where the extra is missing, reading
    says so.
    """

    def __init__(
        self,
        timeout: float = 30.0,
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """
        Args:
            timeout: seconds that a server may be silent before it is given up.
            options: by scheme, what fsspec's file system is made with beside the timeout, such
                as ``{"s3": {"endpoint_url": "http://minio:9000"}}``. Their keys are the schemes
                that are read; where None: http, https, s3 and gs.
        """
        self._timeout = timeout
        self._options = (
            {"http": {}, "https": {}, "s3": {}, "gs": {}} if options is None else options
        )
        self._systems: dict[str, Any] = {}
        self._making = Lock()

    def versions(self, urls: Sequence[str]) -> Mapping[str, str]:
        if not urls:
            return {}
        with ThreadPoolExecutor(_ASKED_AT_ONCE, "remote") as pool:
            found = zip(urls, pool.map(self._version, urls), strict=True)
            return {url: version for url, version in found if version is not None}

    def read(self, url: str, max_bytes: int) -> bytes:
        with _errors(url):
            system = self._system(url)
            size = system.info(url).get("size")
            if size is not None and size > max_bytes:
                raise _too_large(url, max_bytes)
            data = bytearray()
            with system.open(url, "rb", block_size=_BLOCK, cache_type="readahead") as stream:
                while block := stream.read(min(_BLOCK, max_bytes + 1 - len(data))):
                    data += block
                    if len(data) > max_bytes:
                        raise _too_large(url, max_bytes)
            return bytes(data)

    def _version(self, url: str) -> str | None:
        try:
            with _errors(url):
                info = self._system(url).info(url)
        except PictureError:
            return None
        told = [f"{key}={info[key]}" for key in _VERSION_KEYS if info.get(key) is not None]
        return " ".join([f"size={info.get('size')}", *told]) if told else None

    def _system(self, url: str) -> Any:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        if parts.username or parts.password:
            raise PictureError(
                f"The URL of a file at {parts.hostname} holds a name or a password.",
                "Take it out of the manifest, and set it where the cloud's tools look for it.",
            )
        if scheme not in self._options:
            raise PictureError(
                f"Files cannot be fetched by {scheme or 'no scheme'}.",
                f"Use {', '.join(sorted(self._options))}.",
            )
        with self._making:
            if scheme not in self._systems:
                self._systems[scheme] = self._made(scheme)
            return self._systems[scheme]

    def _made(self, scheme: str) -> Any:
        try:
            import fsspec

            options = {**_defaults(scheme, self._timeout), **self._options[scheme]}
            return fsspec.filesystem(scheme, skip_instance_cache=True, **options)
        except ImportError as error:
            raise PictureError(
                f"Files of {scheme} cannot be fetched: {error}.",
                "Install the remote extra: pip install 'hybridsearch[remote]'.",
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        return {"_timeout": self._timeout, "_options": dict(self._options)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._systems = {}
        self._making = Lock()


def _defaults(scheme: str, timeout: float) -> dict[str, Any]:
    """Each file system has its own words for giving up and for remembering nothing."""
    if scheme in ("http", "https"):
        import aiohttp

        patience = aiohttp.ClientTimeout(sock_connect=timeout, sock_read=timeout)
        return {"client_kwargs": {"timeout": patience}, "use_listings_cache": False}
    if scheme == "s3":
        network = {
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "retries": {"max_attempts": 3, "mode": "standard"},
        }
        return {"config_kwargs": network, "use_listings_cache": False}
    if scheme == "gs":
        return {"requests_timeout": timeout, "use_listings_cache": False}
    return {}


def _too_large(url: str, max_bytes: int) -> PictureError:
    return PictureError(
        f"{_shown(url)} has more than the {max_bytes / 2**20:,.0f} MiB allowed.",
        "Raise ingest.max_file_mib if it is a picture.",
    )


def _shown(url: str) -> str:
    """Without its query, where signatures are."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


@contextlib.contextmanager
def _errors(url: str) -> Iterator[None]:
    """The one place where errors of fsspec and of the clients below it become ours."""
    try:
        yield
    except PictureError:
        raise
    except Exception as error:  # each client has a tree of its own, and none a common root
        raise _mapped(_shown(url), error, url) from error


def _mapped(shown: str, error: BaseException, url: str) -> PictureError:
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError) and error.__cause__ is not None:
        return _mapped(shown, error.__cause__, url)  # fsspec calls every trouble of HTTP so
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return PictureError(f"{shown} is not there.", "Correct the manifest, or upload the file.")
    if isinstance(error, PermissionError) or status in (401, 403):
        return PictureError(
            f"{shown} may not be read.", "Grant permission to the credentials in use."
        )
    if isinstance(error, TimeoutError):
        return PictureError(
            f"{shown} did not answer in time.",
            "Run the ingest again; raise ingest.remote_seconds for a slow server.",
        )
    told = (str(error) or type(error).__name__).replace(url, shown)[:300]
    return PictureError(
        f"{shown} cannot be fetched ({told}).",
        "Check the address, the network and the credentials, then run the ingest again.",
    )
