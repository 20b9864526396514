"""Search takes a query and answers with hits that explain themselves.

In: words, a picture, an asset id, filters. Out: an answer: plan, hits, explanations. The
steps are parse, plan, retrieve, fuse, hydrate; engine.py calls them in that order.
"""
