"""API keys: made here, shown once, kept as hashes.

In: the key that a request presents. Out: whose key it is and what it may do. A key is 256 random
bits, so one round of SHA-256 keeps it as safe as a slow hash would: there is no dictionary to
try, and a slow hash would only let strangers burn the processor.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hybridsearch.errors import ConfigError


class Scope(StrEnum):
    """What a key may do; none includes another."""

    SEARCH = "search"
    """Search, read assets and pictures."""
    WRITE = "write"
    """Write and delete assets."""
    ADMIN = "admin"
    """Run and cancel ingests, see the state of the archives."""


class Key(BaseModel):
    """A key as it is kept; ``digest`` is the SHA-256 of what its holder presents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    name: str = Field(min_length=1, max_length=100)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: frozenset[Scope] = Field(min_length=1)
    created: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: ``secret`` is what its holder presents, and is nowhere kept."""

    key: Key
    secret: str


_FORM = re.compile(r"hs_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = "0" * 64
_LOOK_EVERY = 1.0
"""Seconds after which a file that was changed (a key added or removed) is read again."""


class Keys:
    """The keys in one file, read again when it changes. Safe to share among threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._known: dict[str, Key] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked = -_LOOK_EVERY

    def all(self) -> tuple[Key, ...]:
        """Every key, the oldest first.

        Raises:
            ConfigError: the file cannot be read.
        """
        with self._lock:
            self._read(now=True)
            return tuple(self._known.values())

    def find(self, presented: str) -> Key | None:
        """Whose key this is, compared in constant time; None where it is nobody's.

        Raises:
            ConfigError: the file cannot be read.
        """
        found = _FORM.fullmatch(presented)
        with self._lock:
            self._read()
            key = self._known.get(found[1]) if found else None
        right = hmac.compare_digest(_digest(presented), key.digest if key else _NOBODY)
        return key if right else None

    def add(self, name: str, scopes: Iterable[Scope]) -> Made:
        """Make a key and keep its hash.

        Raises:
            ConfigError: the name or the scopes are none, or the file cannot be written.
        """
        identity = secrets.token_hex(6)
        secret = f"hs_{identity}_{secrets.token_urlsafe(32)}"
        created = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            key = Key(
                id=identity,
                name=name,
                digest=_digest(secret),
                scopes=frozenset(scopes),
                created=created,
            )
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ConfigError(
                f"A key cannot have this {wrong['loc'][0]}: {wrong['msg']}.",
                f"Give it a name of 1 to 100 characters and scopes of {', '.join(Scope)}.",
            ) from error
        with self._lock:
            self._read(now=True)
            self._write((*self._known.values(), key))
        return Made(key, secret)

    def remove(self, identity: str) -> bool:
        """Take a key back; whether there was one of this id.

        Raises:
            ConfigError: the file cannot be read or written.
        """
        with self._lock:
            self._read(now=True)
            if identity not in self._known:
                return False
            self._write(key for key in self._known.values() if key.id != identity)
            return True

    def _read(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if not now and moment - self._looked < _LOOK_EVERY:
            return
        self._looked = moment
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp == self._stamp:
                return
            read = _File.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            self._known, self._stamp = {}, None
            return
        except (OSError, ValidationError) as error:
            raise ConfigError(
                f"The keys in {self._path} cannot be read: {error}.",
                "Restore the file, or remove it and make new keys with `hybridsearch keys add`.",
            ) from error
        self._known = {key.id: key for key in read.keys}
        self._stamp = stamp

    def _write(self, keys: Iterable[Key]) -> None:
        data = _File(keys=tuple(keys)).model_dump_json(indent=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp makes files that only their owner may read.
            handle, beside = tempfile.mkstemp(prefix=".keys", dir=self._path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(beside).replace(self._path)
        except OSError as error:
            raise ConfigError(
                f"The keys cannot be written to {self._path}: {error.strerror}.",
                "Make room or grant permission there, or set service.keys_file.",
            ) from error
        self._read(now=True)


def _digest(presented: str) -> str:
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
