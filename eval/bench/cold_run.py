"""One search in a fresh process, with a mark on standard error after each of its steps.

Run as a script by ``cold_start``, under ``python -X importtime``, so that the marks divide the
import times by step. It takes the way of ``hybridsearch search``, through the public API.
"""

from __future__ import annotations

import sys
import time

MARK = "bench mark"


def main(started: float, archive: str, text: str) -> None:
    """Search once; ``started`` is the wall clock when the process was asked for."""
    import hybridsearch.cli.commands  # noqa: F401

    _mark("interpreter and command line", started)
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.tables import print_answer
    from hybridsearch.config import load_settings
    from hybridsearch.domain.query import Query

    query = Query(text)
    with open_archive(load_settings(archive=archive)) as opened:
        _mark("opening the archive", started)
        if opened.encoder is not None:
            from hybridsearch.analysis.vectors import embed_texts

            embed_texts(opened.encoder, [text])
        _mark("loading the model, first text embedded", started)
        answer = opened.search().search(query)
        _mark("searching, model loaded", started)
        print_answer(answer, query, (), as_json=False)
    _mark("printing and closing", started)


def _mark(step: str, started: float) -> None:
    wall, cpu = time.time() - started, time.process_time()
    print(f"{MARK}|{step}|{wall * 1000:.3f}|{cpu * 1000:.3f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], sys.argv[3])
