"""The API: routes under ``/v1``, problems, keys and limits, metrics and logs.

In: HTTP requests. Out: JSON, small pictures, events. ``app.create_app`` puts it together.
"""
