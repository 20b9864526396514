"""Logs: one JSON object a line, or plain lines for a person at a terminal.

In: log records. Out: lines on standard error. What people search for is never logged.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

_json = json.JSONEncoder(default=str).encode
"""One encoder for all lines: ``json.dumps`` would make one for each."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Time, level, logger and message, and whatever was given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback goes into it as a text."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told.update({name: value for name, value in vars(record).items() if name not in _OWN})
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return _json(told)


class TextLines(logging.Formatter):
    """As a person reads it; what was given as ``extra`` follows the message."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback below it where there is one."""
        moment = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        more = {name: value for name, value in vars(record).items() if name not in _OWN}
        told = " ".join(f"{name}={value}" for name, value in more.items())
        line = f"{moment} {record.levelname.lower()} {record.getMessage()} {told}".rstrip()
        if record.exc_info:
            line += f"\n{self.formatException(record.exc_info)}"
        return line


def configure(kind: Literal["json", "text"]) -> None:
    """Have this process's logs written in one way, the server's own among them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if kind == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    # Requests are logged by the service itself, with their ids and without their queries.
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("httpx", "httpcore", "sentence_transformers"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
