from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from hybridsearch.errors import ConfigError
from services.api.keys import Keys, Scope


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "deep" / "keys.json")


def test_a_key_is_found_by_what_its_holder_presents(keys: Keys) -> None:
    made = keys.add("desk", [Scope.SEARCH, Scope.WRITE])
    found = keys.find(made.secret)
    assert found == made.key
    assert found is not None and found.scopes == {Scope.SEARCH, Scope.WRITE}


def test_the_file_holds_no_secret_and_is_for_its_owner_alone(keys: Keys, tmp_path: Path) -> None:
    made = keys.add("desk", [Scope.SEARCH])
    path = tmp_path / "deep" / "keys.json"
    kept = path.read_text()
    assert made.secret not in kept and made.secret[-20:] not in kept
    assert hashlib.sha256(made.secret.encode()).hexdigest() in kept
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["x", "id", "empty", "other", "unicode", "newline"])
def test_what_is_not_the_key_finds_nobody(keys: Keys, change: str) -> None:
    secret = keys.add("desk", [Scope.SEARCH]).secret
    wrong = {
        "x": secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        "id": f"hs_{'0' * 12}_{secret[16:]}",
        "empty": "",
        "other": "Bearer of nothing",
        "unicode": secret + "\udce9",
        "newline": secret + "\n",
    }[change]
    assert keys.find(wrong) is None


def test_two_keys_are_never_alike(keys: Keys) -> None:
    secrets = {keys.add("desk", [Scope.SEARCH]).secret for _ in range(20)}
    assert len(secrets) == 20
    assert len(keys.all()) == 20


def test_a_key_that_is_taken_back_opens_nothing(keys: Keys) -> None:
    made = keys.add("desk", [Scope.SEARCH])
    assert keys.remove(made.key.id)
    assert not keys.remove(made.key.id)
    assert keys.find(made.secret) is None


def test_another_process_takes_a_key_back(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys.add("desk", [Scope.SEARCH])
    assert keys.find(made.secret)
    Keys(tmp_path / "deep" / "keys.json").remove(made.key.id)
    moment = time.monotonic()
    monkeypatch.setattr("services.api.keys.time.monotonic", lambda: moment + 2)
    assert keys.find(made.secret) is None


def test_a_damaged_file_is_an_error_and_opens_nothing(keys: Keys, tmp_path: Path) -> None:
    made = keys.add("desk", [Scope.SEARCH])
    path = tmp_path / "deep" / "keys.json"
    told = json.loads(path.read_text())
    told["keys"][0]["digest"] = "short"
    path.write_text(json.dumps(told))
    with pytest.raises(ConfigError, match="cannot be read"):
        Keys(path).find(made.secret)


@pytest.mark.parametrize(("name", "scopes"), [("", [Scope.SEARCH]), ("desk", [])])
def test_a_key_needs_a_name_and_a_scope(keys: Keys, name: str, scopes: list[Scope]) -> None:
    with pytest.raises(ConfigError, match="A key cannot have this"):
        keys.add(name, scopes)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be"):
        Keys(tmp_path / "file" / "keys.json").add("desk", [Scope.SEARCH])
