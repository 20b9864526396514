"""The newsroom page: one HTML page, its styles and modules, served beside the API.

In: requests of a browser. Out: the page in the reader's language, and its files. All data come
from the API, which the page's modules ask like any other client.
"""

from services.web.page import add_page

__all__ = ["add_page"]
