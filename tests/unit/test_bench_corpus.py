from __future__ import annotations

import numpy as np
import pytest

from eval.bench.cold_start import Step, steps_of
from eval.bench.corpus import Clusters, in_chunks
from eval.bench.okapi import Okapi, agreement
from eval.bench.processes import CommandFailed, run
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.domain.asset import Asset


def test_made_vectors_are_unit_clustered_and_the_same_for_a_seed() -> None:
    vectors, cluster = Clusters(2000, 64, seed=3).draw(500)
    again, _ = Clusters(2000, 64, seed=3).draw(500)
    np.testing.assert_array_equal(vectors, again)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    near = vectors @ vectors.T
    same = cluster[:, None] == cluster[None, :]
    np.fill_diagonal(same, False)
    assert near[same].mean() > near[~same].mean() + 0.3


def test_chunks_cover_everything_once() -> None:
    assert [list(each) for each in in_chunks(5, 2)] == [[0, 1], [2, 3], [4]]


CAPTIONS = {
    "one": "Men at work in the mine, Butte, Montana",
    "two": "Women at work in a cannery",
    "three": "A mine near Butte",
    "four": "Fishing boats",
    "five": "Parade in Lowell, Massachusetts",
    "six": "Children on a bridge",
}


def okapi() -> Okapi:
    analyzer = Analyzer()
    documents = [analyzer.document(Asset(key, caption=text)) for key, text in CAPTIONS.items()]
    return Okapi.over(list(CAPTIONS), documents, 1.2, 0.75)


def test_the_baseline_ranks_our_terms() -> None:
    terms = [each.term.text for each in Analyzer().query("Butte mine")]
    assert okapi().top(terms, 2) == ["three", "one"]


def test_agreement_counts_what_the_oracle_has_too() -> None:
    terms = {"q": [each.term.text for each in Analyzer().query("Butte mine")]}
    assert agreement(okapi(), {"q": ["three", "one"]}, terms, 2)["oracle, same assets"] == 1.0
    half = agreement(okapi(), {"q": ["three", "four"]}, terms, 2)
    assert half["oracle, same assets"] == half["oracle, ties apart"] == 0.5


def test_marks_divide_the_import_times_by_step() -> None:
    steps = steps_of(
        "import time: self [us] | cumulative | imported package\n"
        "import time:       500 |       1500 |   os\n"
        "import time:      1000 |       1500 | typer\n"
        "bench mark|command line|30.0|20.0\n"
        "something else on standard error\n"
        "import time:      2000 |       2000 | numpy\n"
        "bench mark|opening|70.0|80.0\n"
    )
    assert steps == {"command line": Step(30.0, 20.0, 1.5), "opening": Step(40.0, 60.0, 2.0)}


def test_a_process_tells_its_times_and_its_words() -> None:
    busy = "import sys; sum(range(10**6)); print('out'); print('err', file=sys.stderr)"
    taken = run(["-c", busy], {})
    assert taken.error_output == "err\n"
    assert taken.wall > 0
    assert taken.cpu > 0


def test_a_command_that_fails_is_an_error_with_what_it_wrote() -> None:
    with pytest.raises(CommandFailed, match=r"exit code 3.*no such luck"):
        run(["-c", "import sys; print('no such luck', file=sys.stderr); sys.exit(3)"], {})
