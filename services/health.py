"""``python -m services.health``: exit code 0 where the service of this machine can answer.

In: the configuration, for the port. Out: an exit code, for a container's health check.
"""

from __future__ import annotations

import http.client
import sys

from hybridsearch.config import load_settings
from hybridsearch.errors import ConfigError

_SECONDS = 5.0


def main() -> int:
    """Ask ``/ready``; what is wrong is told on standard error."""
    try:
        own = load_settings().service
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    host = own.host if own.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    connection = http.client.HTTPConnection(host, own.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/ready")
        response = connection.getresponse()
        told = response.read(1000).decode("utf-8", "replace")
    except OSError as error:
        print(f"The service at {host}:{own.port} does not answer: {error}.", file=sys.stderr)
        return 1
    finally:
        connection.close()
    if response.status == 200:
        return 0
    print(told, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
