"""Readers: processes that read and decode files, so that a hostile one costs only itself.

In: work, one entry a piece. Out: what ``ingest.load`` made of its file, or a failure that tells
how the file ended its reader: too slow, too large, or fatal to a decoder.
"""
