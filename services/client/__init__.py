"""A client of the API for Python programs: typed, small, without retries of its own.

In: method calls. Out: the API's own schemas, or ``ApiError`` with the server's remedy.
"""

from services.client.client import Client
from services.client.errors import ApiError

__all__ = ["ApiError", "Client"]
