"""The service under load: a real server, a real load generator, an ingest beside the searches.

In: captions, made vectors, a number of assets. Out: percentiles, throughput, errors.
"""
