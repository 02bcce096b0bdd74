"""``bankcard migrate``: bring an older store to this program's schema."""

from __future__ import annotations

import sys

import typer

from bankcard_tui.cli.console import AsJson, console_of
from bankcard_tui.locale import tr


def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.desk.clock import SystemClock
    from bankcard_tui.store.engine import open_store
    from bankcard_tui.store.schema import HEAD, REVISIONS, revision_of, upgrade_schema

    console = console_of(context)
    home = console.settings.home
    store = open_store(home.store, home.queue)
    try:
        with store.read() as connection:
            revision = revision_of(connection)
        if revision in REVISIONS[:-1] and not console.yes and sys.stdin.isatty():
            question = tr(
                "Upgrade the store {path} from schema {old} to {new}?", path=home.store, old=revision, new=HEAD
            )
            if not typer.confirm(question, default=True, err=True):
                console.say(tr("Nothing was changed."))
                raise typer.Exit(1)
        console.interrupted = tr("The store is as it was; a copy may be left in {folder}.", folder=home.backups)
        copy = upgrade_schema(store, home.backups, (console.clock or SystemClock()).now())
    finally:
        store.close()
    if console.json:
        console.answer(
            {"upgraded": copy is not None, "from": revision, "to": HEAD, "copy": str(copy) if copy else None}
        )
    elif copy is None:
        console.say(tr("The store has schema {new} already: nothing to do.", new=HEAD))
    else:
        console.say(tr("The store has schema {new} now. The copy from before is {copy}", new=HEAD, copy=copy))
