"""docs/api.md is true: its requests are answered, its routes exist, its program runs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybridsearch.config import Settings
from hybridsearch.ingest.manifest import ManifestSource
from services.api.access import SCHEMES
from tests.builders import ingest, png, settings_in, write_manifest, write_pictures
from tests.integration.test_api_server import ROUTES_NEED_NOTHING, running_at
from tests.service import client_of, settings_for

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "api.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCS, flags=re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith(f"{program} ")]
