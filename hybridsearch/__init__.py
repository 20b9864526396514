"""hybridsearch finds pictures by what they show and by what is written about them.

In: pictures with their metadata. Out: one ranking fused from a CLIP and a BM25 ranking,
each hit with the reasons for its place.
"""

__version__ = "0.1.0"
