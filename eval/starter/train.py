"""Trains the starter encoder's head and prints how it does on pictures it has not seen.

In: the data folder. Out: the head file.

    python -m eval.starter.train --data ../shared/data --out head.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from eval.starter.evaluate import held_out_table, printed
from eval.starter.features import COCO, DOCUMERICA, FOLDERS, FSAC, Corpus, read_corpus
from eval.starter.fit import fit
from hybridsearch.adapters.encoders.starter.encoder import HEAD_FILE
from hybridsearch.adapters.encoders.starter.head import SHIPPED_TRAINED_ON, Head, unit
from hybridsearch.ports import Matrix

TOLERANCE = 1e-3
"""Greatest difference of a text's and a picture's cosine between two heads that count as one.

The same library versions on the same kind of processor with one thread
(OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1) give the same bytes; others round eigenvectors and
sums differently.
"""


def main() -> None:
    """Read, print the table, fit on everything permitted, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of coco_mini and so on")
    parser.add_argument("--out", type=Path, required=True, help="head file to write")
    parser.add_argument("--no-table", action="store_true", help="skip the held-out table")
    parser.add_argument(
        "--only",
        choices=[FOLDERS[COCO], FOLDERS[FSAC]],
        help="train on this collection alone, so that the other one is held out whole",
    )
    options = parser.parse_args()

    corpus = read_corpus(options.data)
    if not options.no_table:
        printed(held_out_table(corpus))
    chosen = corpus.collection != DOCUMERICA
    if options.only:
        chosen = corpus.collection == FOLDERS.index(options.only)
    fit(corpus, chosen).save(options.out, options.only or SHIPPED_TRAINED_ON)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")
    if HEAD_FILE.exists() and not options.only:
        print(_comparison(corpus, options.out))


def _comparison(corpus: Corpus, written: Path) -> str:
    if written.read_bytes() == HEAD_FILE.read_bytes():
        return "the same bytes as the head that is shipped"
    difference = float(np.abs(_cosines(corpus, written) - _cosines(corpus, HEAD_FILE)).max())
    verdict = "within" if difference <= TOLERANCE else "OUTSIDE"
    return f"cosines differ from the shipped head's by {difference:.1e}, {verdict} {TOLERANCE}"


def _cosines(corpus: Corpus, path: Path) -> Matrix:
    head = Head.load(path)
    return unit(head.texts(corpus.states)) @ unit(head.pictures(corpus.evidence)).T


if __name__ == "__main__":
    main()
