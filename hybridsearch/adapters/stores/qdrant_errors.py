"""The server's and the client's errors as ours: the one place where they are mapped.

In: gRPC, HTTP and client errors. Out: StoreUnavailable where another try may help, else
StoreError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc  # type: ignore[import-untyped]
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from hybridsearch.errors import HybridSearchError, StoreError, StoreUnavailable

_GONE = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)
_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


@contextmanager
def server_errors(url: str, doing: str) -> Iterator[None]:
    """Map whatever goes wrong while ``doing`` something on the server at ``url``.

    Raises:
        StoreUnavailable: no connection, no answer in time, or the server is overloaded.
        StoreError: the server refused the request.
    """
    try:
        yield
    except HybridSearchError:
        raise
    except grpc.RpcError as fault:
        raise _of_grpc(url, doing, fault) from fault
    except UnexpectedResponse as fault:
        text = (fault.content or b"").decode(errors="replace")[:300]
        code = fault.status_code or 0
        raise _told(url, doing, f"HTTP {code} {text}", code in (401, 403), code >= 500) from fault
    except (ResponseHandlingException, OSError) as fault:
        raise _told(url, doing, str(fault), gone=True) from fault
    except RuntimeError as fault:
        # What the client says after it was closed.
        raise _told(url, doing, str(fault), gone="closed" in str(fault)) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise _told(url, doing, f"{type(fault).__name__}: {fault}") from fault


def _of_grpc(url: str, doing: str, fault: grpc.RpcError) -> StoreError:
    # The error is also the call, with code and details; only the type does not say so.
    code = fault.code() if isinstance(fault, grpc.Call) else grpc.StatusCode.UNKNOWN
    details = str(fault.details() if isinstance(fault, grpc.Call) else fault)[:300]
    return _told(url, doing, f"{code.name}: {details}", code in _REFUSED, code in _GONE)


def _told(url: str, doing: str, text: str, refused: bool = False, gone: bool = False) -> StoreError:
    message = f"The Qdrant server at {url} failed while {doing}: {text.strip().rstrip('.')}."
    if refused:
        return StoreError(message, "Check the API key in the settings.")
    if gone:
        return StoreUnavailable(
            message, f"Check that {url} is right, that the server runs and that it can be reached."
        )
    return StoreError(message, "Look into the server's log for the reason.")
