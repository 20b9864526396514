"""``hybridsearch tag | classify | describe``: what a picture shows, in given or written words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from hybridsearch.config import Settings
    from hybridsearch.labels.label import Label
    from hybridsearch.labels.looked import Looked

app = typer.Typer(rich_markup_mode="markdown")

PictureArgument = Annotated[Path | None, typer.Argument(help="A picture file.")]
AssetOption = Annotated[
    str | None, typer.Option("--asset", help="A picture of the archive by its id, instead.")
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--labels", help="A file of labels, one a line: `label` or `label: synonym, synonym`."
    ),
]
LabelOption = Annotated[
    list[str] | None,
    typer.Option("--label", "-l", metavar="LABEL", help="A label, written as a line of the file."),
]
LanguageOption = Annotated[
    str, typer.Option(help="Of the labels: en, sl, hr, de, fr or it. The encoder must know it.")
]
ArchiveOption = Annotated[
    str | None, typer.Option("--archive", "-a", help="The archive that tells what is ordinary.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command()
def tag(
    picture: PictureArgument = None,
    asset: AssetOption = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Every picture of the archive; prints JSON lines to review."),
    ] = False,
    labels: FileOption = None,
    label: LabelOption = None,
    language: LanguageOption = "en",
    least: Annotated[
        float | None, typer.Option(help="Leave out tags that are less likely, 0 to 1.")
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            help="The share of the archive's pictures that an ordinary label is shown on; "
            "default: by the number of labels."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the JSON lines of --all into this file.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which of many labels a picture shows, each with a probability of its own.

    `hybridsearch tag photo.jpg --label fire --label "ship: boat, vessel"`

    `hybridsearch tag --all --labels keywords.txt --out tags.jsonl`

    Nothing is written into the archive: tags are there to be looked through. See docs/labels.md.
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.label_tables import embedding, print_tags, write_archive_tags
    from hybridsearch.labels.tagging import LEAST, TagSettings

    looked = None if every else _looked(picture, asset)
    if every and (picture is not None or asset is not None):
        _refuse("--all is every picture of the archive.", "Leave out the picture, or --all.")
    if out is not None and not every:
        _refuse("--out is for the tags of --all.", "Add --all, or redirect the output.")
    given = _labels(labels, label, language)
    settings = TagSettings(share, LEAST if least is None else least)
    with open_archive(_settings(archive)) as opened:
        labeller = opened.labels()
        if looked is None:
            with embedding(len(given)):
                found = labeller.tag_archive(given, settings)
            write_archive_tags(found, opened.store.count(), labeller, out)
        else:
            with embedding(len(given)):
                tags = labeller.tag(looked, given, settings)
            print_tags(tags, settings.least, as_json)


@app.command()
def classify(
    picture: PictureArgument = None,
    asset: AssetOption = None,
    labels: FileOption = None,
    label: LabelOption = None,
    language: LanguageOption = "en",
    none: Annotated[
        float | None,
        typer.Option(help="The share of pictures that show none of the labels, such as 0.5."),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(help="Softmax of this times the cosine, as trained; CLIP's is 100."),
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which one of a few labels a picture shows: probabilities that add up to one.

    `hybridsearch classify photo.jpg --label indoors --label outdoors`

    `hybridsearch classify --asset 2022-0512-17 --label fire --label flood --none 0.5`
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.label_tables import print_classification
    from hybridsearch.labels.classifying import ClassSettings

    looked = _looked(picture, asset)
    given = _labels(labels, label, language)
    settings = ClassSettings(none, scale)
    with open_archive(_settings(archive)) as opened:
        print_classification(opened.labels().classify(looked, given, settings), as_json)


@app.command()
def describe(
    picture: PictureArgument = None,
    asset: AssetOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Captions.")] = 5,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Text for a picture: the captions of the archive's pictures that are nearest to it.

    `hybridsearch describe photo.jpg`

    They describe other pictures: names, places and dates in them are theirs.
    """
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.cli.label_tables import print_description

    looked = _looked(picture, asset)
    with open_archive(_settings(archive)) as opened:
        print_description(opened.labels().describe(looked, limit), as_json)


def _looked(picture: Path | None, asset: str | None) -> Looked:
    from hybridsearch.labels.looked import OfAsset

    if picture is not None and asset is None:
        return picture
    if asset is not None and picture is None:
        return OfAsset(asset)
    _refuse(
        "One picture is looked at: a file, or an asset of the archive.",
        "Give a path, or --asset ID.",
    )


def _labels(path: Path | None, given: list[str] | None, language: str) -> tuple[Label, ...]:
    from hybridsearch.labels.label import labels_from, read_labels

    if path is not None and not given:
        return read_labels(path, language)
    if given and path is None:
        return labels_from(given, language, "--label")
    _refuse(
        "The labels come from one place: a file, or the command line.",
        "Give --labels FILE, or --label once for each.",
    )


def _settings(archive: str | None) -> Settings:
    from hybridsearch.config import load_settings

    return load_settings(archive=archive) if archive is not None else load_settings()


def _refuse(message: str, remedy: str) -> NoReturn:
    from hybridsearch.errors import QueryError

    raise QueryError(message, remedy)
