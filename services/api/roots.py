"""Folders that clients may name, and the paths below them: nothing leads out.

In: the name of a folder and a relative path. Out: a real path inside that folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from services.api.problems import Refusal


class Roots:
    """The configured folders. A link inside one of them that leads out of it is refused."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = {name: path.expanduser() for name, path in folders.items()}

    def resolve(self, name: str, path: str) -> Path:
        """The real path, links followed; it need not exist.

        Raises:
            Refusal: there is no folder of that name, or the path is absolute or leads out.
        """
        if name not in self._folders:
            names = ", ".join(sorted(self._folders)) or "none is configured"
            raise Refusal(
                422,
                f"There is no root {name!r}.",
                f"The roots are: {names}. The server's service.roots names them.",
                kind="Root unknown",
            )
        root = self._folders[name].resolve()
        try:
            if PurePosixPath(path).is_absolute():
                raise ValueError("absolute")
            whole = (root / path).resolve()
            inside = whole.is_relative_to(root)
        except (OSError, RuntimeError, ValueError):  # NUL, links in a circle, far too long
            inside = False
        if not inside:
            raise Refusal(
                403,
                f"The path leads out of the root {name!r}.",
                "Name a path below it, without a leading slash.",
                kind="Path not allowed",
            )
        return whole

    def holds(self, path: Path) -> bool:
        """Whether the path, its links followed, lies in one of the folders."""
        try:
            real = path.resolve()
            return any(real.is_relative_to(each.resolve()) for each in self._folders.values())
        except (OSError, RuntimeError, ValueError):
            return False
