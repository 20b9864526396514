"""The HTTP service: the API (``api``), the newsroom page (``web``), a client (``client``).

In: requests. Out: answers of the engine as JSON, pictures, a page. HTTP is known here only.
"""
