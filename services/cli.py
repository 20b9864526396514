"""The service on the command line: ``hybridsearch serve`` and ``hybridsearch keys``.

In: words typed in a shell. Out: a running service; keys. What they need is imported when they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hybridsearch.config import Settings
    from services.api.keys import Keys

serve_app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    invoke_without_command=True,
    help="Serve archives over HTTP: the API under /v1, and the page.",
)
keys_app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Keys of the service: needed as soon as it listens elsewhere than on this machine.",
)


@serve_app.callback()
def serve(
    archive: Annotated[
        list[str] | None,
        typer.Option("--archive", "-a", help="Which archive; of several the first is the default."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Where to listen; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Default 8080; 0 takes a free one.")] = None,
    root: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FOLDER",
            help="A folder that ingest jobs may read and pictures be shown from.",
        ),
    ] = None,
    create: Annotated[
        bool, typer.Option("--create", help="Make archives that are not there yet.")
    ] = False,
) -> None:
    """Serve archives until Ctrl-C: the API under /v1, and the page.

    `hybridsearch serve --archive demo` and open http://127.0.0.1:8080

    The API describes itself at /v1/openapi.json; see docs/api.md.
    """
    settings = _settings(archive or [], host, port, root or [], create)
    _must_be_installed()
    from services.api.serve import serve as run

    run(settings, _pages())


@keys_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="search, write or admin; may be given again.")
    ] = None,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    from hybridsearch.errors import ConfigError

    keys = _keys()
    from services.api.keys import Scope

    asked = scope or [Scope.SEARCH]
    unknown = next((each for each in asked if each not in list(Scope)), None)
    if unknown is not None:
        raise ConfigError(f"There is no scope {unknown!r}.", f"Choose from {', '.join(Scope)}.")
    made = keys.add(name, [Scope(each) for each in asked])
    typer.echo(made.secret)
    typer.echo(f"id {made.key.id}: {', '.join(sorted(made.key.scopes))}", err=True)


@keys_app.command(name="list")
def list_keys() -> None:
    """Whose keys there are, and what they may do."""
    for key in _keys().all():
        typer.echo(f"{key.id}  {','.join(sorted(key.scopes)):<20}  {key.created}  {key.name}")


@keys_app.command()
def remove(identity: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take a key back; a running service knows within a second."""
    from hybridsearch.errors import ConfigError

    if not _keys().remove(identity):
        raise ConfigError(f"There is no key {identity!r}.", "List them: hybridsearch keys list.")


def _keys() -> Keys:
    from hybridsearch.config import load_settings
    from services.api.keys import Keys

    return Keys(load_settings().keys_file)


def _pages() -> list[Any]:
    """What is served beside the API."""
    from services.web import add_page

    return [add_page]


def _settings(
    archives: list[str], host: str | None, port: int | None, roots: list[str], create: bool
) -> Settings:
    """The configuration, with what the command line says on top."""
    from hybridsearch.config import load_settings
    from hybridsearch.errors import ConfigError

    before = load_settings()
    own: dict[str, Any] = before.service.model_dump()
    if host is not None:
        own["host"] = host
    if port is not None:
        own["port"] = port
    if create:
        own["create"] = True
    for each in roots:
        name, equals, folder = each.partition("=")
        if not equals or not name or not folder:
            raise ConfigError(f"--root {each!r} is no root.", "Write NAME=FOLDER.")
        own["roots"] = {**own["roots"], name: folder}
    said: dict[str, Any] = {"service": own}
    if archives:
        said["archive"] = archives[0]
        own["archives"] = (*archives[1:], *own["archives"])
    return load_settings(**said)


def _must_be_installed() -> None:
    from importlib.util import find_spec

    from hybridsearch.errors import ConfigError

    missing = [
        name
        for name in ("fastapi", "uvicorn", "multipart", "jinja2", "orjson")
        if find_spec(name) is None
    ]
    if missing:
        raise ConfigError(
            f"The service needs packages that are not installed: {', '.join(missing)}.",
            "Install them: pip install 'hybridsearch[serve]'.",
        )
