"""Encoders: one module for each family of models that turns texts and pictures into vectors.

In: texts and RGB arrays. Out: one row for each, of any length; ``analysis.vectors`` checks and
normalises. Vendor libraries are imported when an encoder is first used, never on import.
"""
