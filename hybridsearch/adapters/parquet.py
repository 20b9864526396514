"""Manifests in Parquet, through pyarrow; a batch of rows is in memory at a time.

In: a file. Out: rows as mappings of JSON-like values. Needs the extra ``parquet``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hybridsearch.errors import SourceError

_BATCH_ROWS = 2_000
_INSTALL = "Install the parquet extra: pip install 'hybridsearch[parquet]'."


def read_parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    """The rows in the file's order; columns of bytes are left out.

    Raises:
        SourceError: pyarrow is not installed, or the file is damaged.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise SourceError(f"{path} is in Parquet, and pyarrow is missing.", _INSTALL) from error
    try:
        with parquet.ParquetFile(path, memory_map=False, pre_buffer=False) as table:
            columns = [
                field.name for field in table.schema_arrow if not _is_bytes(arrow, field.type)
            ]
            for batch in table.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False):
                for row in batch.to_pylist():
                    yield {name: _plain(value) for name, value in row.items()}
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read as Parquet: {str(error).strip()[:300]}", "Write it again."
        ) from error


def _is_bytes(arrow: Any, kind: Any) -> bool:
    """Of whatever width; pictures that lie in the table themselves are not read from there."""
    checks = (arrow.types.is_binary, arrow.types.is_large_binary, arrow.types.is_fixed_size_binary)
    return any(check(kind) for check in checks)


def _plain(value: Any) -> Any:
    """Dates in ISO 8601, whole numbers where a column of fractions holds them."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        if value != value:  # not a number: what pandas writes where nothing is
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
