"""The command line of ``python -m eval.names``. What a command needs is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.bench.commands import DataOption, JsonOption, SeedOption, print_report
from eval.collections import DEFAULT_DATA

if TYPE_CHECKING:
    from eval.collections import Collection

app = typer.Typer(
    name="python -m eval.names",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Measure what is done for names: forms that meet, words that should not, misspellings,
languages.

The pairs of forms are split into a dev half, which rules are tuned on, and a held-out half.
""",
)

CollectionsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COLLECTION]...", help="Real captions.", show_default="all four"),
]
ALL = ("fsa_owi_captions", "bain_news_captions", "tate_collection", "fsac_color")


@app.command()
def forms(json: JsonOption = None) -> None:
    """Recall of the forms of names and nouns, in six languages. Needs no collection."""
    from eval.names import forms

    print_report(forms.measure(), json)


@app.command()
def conflation(
    collections: CollectionsArgument = None,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """Words of real captions that share a kin form and should not."""
    from eval.names import conflation

    print_report(conflation.measure(_opened(collections, data)), json)


@app.command()
def weights(
    collections: CollectionsArgument = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """nDCG@10 of the collections' queries by the weight of the kin form."""
    from eval.names.weights import measure_weights

    for collection in _opened(collections, data):
        print_report(measure_weights(collection), None)


@app.command()
def inflected(
    collection: Annotated[str, typer.Argument(help="The captions to hide in.")] = ALL[0],
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """Slovene names in other cases, asked among real captions."""
    from eval.names.inflected import measure_inflected

    [opened] = _opened([collection], data)
    print_report(measure_inflected(opened, seed), json)


@app.command()
def spelling(
    collections: CollectionsArgument = None,
    count: Annotated[int, typer.Option(min=1, help="How many words are misspelt.")] = 1000,
    seed: SeedOption = 0,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """The share of right first suggestions for words with one random edit."""
    from eval.names import spelling

    print_report(spelling.measure(_opened(collections, data), count, seed), json)


@app.command()
def languages(
    collections: CollectionsArgument = None,
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = None,
) -> None:
    """How often the language of a short caption is told right, told wrong, left in doubt."""
    from eval.names import languages

    print_report(languages.measure(_opened(collections, data)), json)


def _opened(names: list[str] | None, data: Path) -> list[Collection]:
    from eval.collections import open_collection

    return [open_collection(name, data) for name in names or ALL]
