"""The composition root: settings in, a working archive out. Tests call it too.

Vendor libraries are imported only when the part that needs them is built, so that asking for
help, or searching by words, loads no model.
"""

from hybridsearch.bootstrap.archive import Archive
from hybridsearch.bootstrap.encoders import export_encoder, make_encoder
from hybridsearch.bootstrap.extras import make_extras, make_thumbnails
from hybridsearch.bootstrap.opening import fitted_to, new_generation, open_archive
from hybridsearch.bootstrap.stores import drop_collection, make_store, name_collection, schema_of

__all__ = [
    "Archive",
    "drop_collection",
    "export_encoder",
    "fitted_to",
    "make_encoder",
    "make_extras",
    "make_store",
    "make_thumbnails",
    "name_collection",
    "new_generation",
    "open_archive",
    "schema_of",
]
