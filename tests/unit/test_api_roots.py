from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.problems import Refusal
from services.api.roots import Roots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    (made / "inside").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "rootless").mkdir()
    (made / "out").symlink_to(tmp_path / "secret")
    (made / "circle").symlink_to(made / "circle")
    (made / "in").symlink_to(made / "inside")
    return made


@pytest.mark.parametrize("path", ["", ".", "inside", "inside/../inside", "new/file", "in"])
def test_what_lies_inside_is_resolved(root: Path, path: str) -> None:
    assert Roots({"r": root}).resolve("r", path).is_relative_to(root.resolve())


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../secret",
        "inside/../../secret",
        "/etc/passwd",
        "out",
        "out/x",
        "a\0b",
        "../rootless",
    ],
)
def test_what_leads_out_is_refused(root: Path, path: str) -> None:
    with pytest.raises(Refusal) as caught:
        Roots({"r": root}).resolve("r", path)
    assert caught.value.status == 403
    assert str(root.parent) not in str(caught.value)


def test_an_unknown_root_is_told_with_those_there_are(root: Path) -> None:
    with pytest.raises(Refusal, match="The roots are: r") as caught:
        Roots({"r": root}).resolve("x", "")
    assert caught.value.status == 422


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=60))
def test_no_path_leads_out(root: Path, path: str) -> None:
    roots = Roots({"r": root})
    try:
        found = roots.resolve("r", path)
    except Refusal:
        return
    assert found.is_relative_to(root.resolve())


def test_a_file_is_held_where_it_really_lies(root: Path) -> None:
    roots = Roots({"r": root})
    assert roots.holds(root / "inside" / "x.jpg")
    assert not roots.holds(root / "out" / "x.jpg")
    assert not roots.holds(root.parent / "rootless" / "x.jpg")
    assert not roots.holds(Path("/etc/passwd"))
    assert not roots.holds(Path("a\0b"))
