"""Encoders, stores and file formats: the only place that imports vendor libraries.

In: a vendor's library. Out: objects that fulfil the ports, and errors of ours only.
"""
