"""Kills a real ingest at random moments, again and again, and looks at what is left.

In: how many kills, how many pictures, which encoder. Out: counts, and whether the promise holds:
every picture is there exactly once, no kill cost more than one batch embedded twice, and the
archive equals that of an ingest which nobody disturbed.
"""
