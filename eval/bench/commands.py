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


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", metavar="PATH", help="A CLIP model; default: ViT-B/32, random weights."
    ),
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

    print_report(lexical.measure(data, count, queries, seed), json)


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

    print_report(hybrid.measure(data, count, queries, rounds, seed), json)


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

    print_report(filters.measure(count, queries, seed, exact_up_to_kb), json)


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

    print_report(cold_start.measure(encoder, query, rounds, data_dir), json)


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

    print_report(fsac.measure(data, encoder), json)


@app.command()
def serve(
    count: CountOption = 100_000,
    encoder: EncoderOption = "starter",
    seconds: Annotated[int, typer.Option(min=1, help="How long each load lasts.")] = 10,
    added: Annotated[
        int, typer.Option(min=1, help="How many assets are ingested beside the searches.")
    ] = 5_000,
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """The HTTP service under load: 1, 8 and 32 connections, known and new queries.

    A real server on loopback, asked by wrk; then the share of a search outside the engine, and
    searches while an ingest runs and indexes are built. Target: 2 ms outside the engine at the
    median, no error. Needs hybridsearch[serve], wrk, and the collections fsa_owi_captions and
    bain_news_captions.
    """
    from eval.bench import serve

    print_report(serve.measure(data, count, encoder, seconds, added, seed), json)


@app.command()
def changes(
    count: CountOption = 100_000,
    encoder: EncoderOption = "starter",
    times: Annotated[int, typer.Option(min=1, help="How many changes of a kind.")] = 5,
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """One asset written or deleted in a large archive: seconds until its index is finished.

    Target: a tenth of what finishing takes with nothing remembered. Needs the collections
    fsa_owi_captions and bain_news_captions.
    """
    from eval.bench import changes

    print_report(changes.measure(data, count, encoder, times, seed), json)


@app.command()
def ingest_rate(
    count: CountOption = 100_000, seed: SeedOption = 0, json: JsonOption = None
) -> None:
    """Points written a second, and seconds to build the indexes. Needs no collection."""
    from eval.bench import ingest_rate

    print_report(ingest_rate.measure(count, seed), json)


@app.command()
def names(
    count: Annotated[int, typer.Option(min=1, help="How many names the archive has.")] = 100_000,
    language: Annotated[
        list[str] | None,
        typer.Option(help="A language of the archive; may be given again.", show_default="sl, en"),
    ] = None,
    seed: SeedOption = 0,
    json: JsonOption = None,
) -> None:
    """Opening a lexicon of many names, and finding those of a query of ten words.

    Targets: opened in 5 ms, a query read in 0.5 ms, at the median. Needs no collection.
    """
    from eval.bench import names

    print_report(names.measure(count, language or ["sl", "en"], seed), json)


@app.command()
def ingest(
    pictures: Annotated[int, typer.Option(min=1, help="Of 1600 x 1200 pixels.")] = 600,
    large: Annotated[int, typer.Option(min=1, help="Of 6000 x 4000 pixels.")] = 160,
    growth: Annotated[
        int, typer.Option(min=1, help="Pictures up to which memory is watched, from a tenth of it.")
    ] = 1000,
    flat: Annotated[
        int, typer.Option(min=1, help="The same with small pictures, from a twentieth of it.")
    ] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is run.")] = 3,
    torch: Annotated[bool, typer.Option(help="Time PyTorch as the runtime, too.")] = False,
    model: ModelOption = None,
    json: JsonOption = None,
) -> None:
    """From files to an index: against the model alone, and against sentence-transformers.

    Photographs of two sizes, ViT-B/32's shape; all ratios come from one run. Targets: 0.90 (2 MP)
    and 0.60 (24 MP) of the model alone; 1.25 and 4.5 times `SentenceTransformer.encode(paths)`,
    1.9 times in int8; 1 GB at most, growing by 5 % at most. Needs hybridsearch[dev].

    A quick look: `--pictures 32 --large 8 --growth 40 --flat 200 --rounds 1`.
    """
    from eval.bench import ingest

    amounts = ingest.Amounts(
        pictures, large, (max(1, growth // 10), growth), (max(1, flat // 20), flat), rounds, torch
    )
    print_report(ingest.measure(amounts, model), json)


@app.command()
def ingest_memory(
    pictures: Annotated[
        list[int] | None, typer.Option(min=1, help="How many; may be given again.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """What an ingest holds at its peak, at 1,000 and at 20,000 small pictures: it stays flat.

    All processes together, with a model of two narrow layers; a part of `ingest` by itself.
    """
    from eval.bench import ingest

    print_report(ingest.measure_memory(pictures or [1000, 20_000]), json)


@app.command()
def query_encoding(
    queries: QueriesOption = 100,
    rounds: Annotated[int, typer.Option(min=1, help="How many cold starts.")] = 5,
    model: ModelOption = None,
    json: JsonOption = None,
) -> None:
    """A query's vector by ONNX Runtime against sentence-transformers: cold start, and after it.

    Targets: at most a quarter of the CPU time of its cold start, 0.4 of its median.
    """
    from eval.bench import query_encoding

    print_report(query_encoding.measure(queries, rounds, model), json)


def print_report(report: Report, file: Path | None) -> None:
    """Tell the report, and write it to the file where one is named."""
    from eval.bench.report import told, write_json

    print(told(report))
    if file is not None:
        write_json(report, file)
