"""The benchmarks' command line. What a command needs is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.collections import DEFAULT_DATA

if TYPE_CHECKING:
    from eval.bench.report import Report

app = typer.Typer(
    name="python -m eval.bench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Measure the product: how fast, how exact, how good.

Each command prints its conditions, a plain table, and whether the targets are met; `--json
FILE` keeps the same for machines. Times are medians of calls that take turns, so on a busy
machine trust the ratios more than the milliseconds.

A quick look: `python -m eval.bench lexical --count 5000`. The figures that are reported are
those without `--count`.
""",
)

DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="Holds the collections' folders (fsac_color, fsa_owi_captions, ...).",
        show_default="shared/data beside the project",
    ),
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON too.")
]
SeedOption = Annotated[int, typer.Option(help="Of everything that is drawn at random.")]
QueriesOption = Annotated[int, typer.Option(min=1, help="How many queries are timed.")]
CountOption = Annotated[int, typer.Option(min=1, help="How many assets are indexed.")]
EncoderOption = Annotated[
    str, typer.Option("--encoder", "-e", help="`starter`, `words`, or a CLIP model by name.")
]


@app.command()
def lexical(
    count: CountOption = 100_000,
    queries: QueriesOption = 50,
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """Words alone against rank_bm25, over the same terms of real captions.

    Target: rank_bm25 takes at least 100 times as long a query. Needs the collections
    fsa_owi_captions and bain_news_captions.
    """
    from eval.bench import lexical

    _print(lexical.measure(data, count, queries, seed), json)


@app.command()
def hybrid(
    count: CountOption = 100_000,
    queries: QueriesOption = 150,
    rounds: Annotated[int, typer.Option(min=1, help="How often each query is asked.")] = 3,
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """A whole search (plan, both legs, fusion, ten explained hits) against its two store calls.

    Real captions, made vectors, the encoder's time left out. Targets: at most 1.5 times the
    bare calls, and at most 1 ms more through the engine process. Needs the collections
    fsa_owi_captions and bain_news_captions.
    """
    from eval.bench import hybrid

    _print(hybrid.measure(data, count, queries, rounds, seed), json)


@app.command()
def filters(
    count: CountOption = 200_000,
    queries: QueriesOption = 100,
    exact_up_to_kb: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Scan exactly what a filter passes up to this size (EdgeTuning.exact_up_to_kb); "
            "0 with a small archive tests the graph as a large one would.",
        ),
    ] = None,
    seed: SeedOption = 0,
    json: JsonOption = None,
) -> None:
    """Recall of filtered search by looks against an exact scan, for filters of every width.

    Target: recall@10 of at least 0.98 under each. Made vectors; needs no collection.
    """
    from eval.bench import filters

    _print(filters.measure(count, queries, seed, exact_up_to_kb), json)


@app.command()
def cold_start(
    encoder: EncoderOption = "starter",
    query: Annotated[str, typer.Option(help="What to search for.")] = "a rocket at night",
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is run.")] = 5,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep the demo archive here instead of indexing it anew in a temporary folder.",
        ),
    ] = None,
    json: JsonOption = None,
) -> None:
    """`hybridsearch search` in a fresh process: wall and CPU time, split by step.

    Target: `hybridsearch --help` takes less than 0.5 s of CPU. Needs hybridsearch[demo].
    """
    from eval.bench import cold_start

    _print(cold_start.measure(encoder, query, rounds, data_dir), json)


@app.command()
def fsac(
    encoder: EncoderOption = "starter", data: DataOption = DEFAULT_DATA, json: JsonOption = None
) -> None:
    """nDCG@10 on real colour photographs: by looks, by words, by both, for each class of query.

    Target: hybrid at least as good as the better of the two, in every class. Half of the
    pictures trained the starter encoder; they are neither indexed nor judged. Needs the
    collection fsac_color.
    """
    from eval.bench import fsac

    _print(fsac.measure(data, encoder), json)


@app.command()
def ingest_rate(
    count: CountOption = 100_000, seed: SeedOption = 0, json: JsonOption = None
) -> None:
    """Points written a second, and seconds to build the indexes. Needs no collection."""
    from eval.bench import ingest_rate

    _print(ingest_rate.measure(count, seed), json)


def _print(report: Report, file: Path | None) -> None:
    from eval.bench.report import told, write_json

    print(told(report))
    if file is not None:
        write_json(report, file)
