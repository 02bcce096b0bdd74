"""Drafts: what somebody had typed when the terminal was lost. Only its writer can read it; it lies sealed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.errors import InvalidInput
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Draft
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.subjects import myself
from bankcard_tui.store.sealing import seal, unseal
from bankcard_tui.store.types import new_id

DRAFT = table(Draft)
LABEL = "draft"
MOST_CHARACTERS = 64_000


@operation(
    "draft.save",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    idempotent=False,
    internal=True,
)
def save_draft(desk: Desk, form: str, values: dict[str, Any]) -> None:
    """Keep what was typed into a form so far; an earlier draft of the same form is replaced."""
    form, text = clean_line("form", form, most=80), json.dumps(values, ensure_ascii=False)
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput("form", "This draft is too large.", hint="Send the form or shorten it.")
    draft_id = new_id(desk.now)
    desk.db.merge(
        Draft(
            account_id=desk.account_id,
            form=form,
            id=draft_id,
            sealed=seal(desk.keys, LABEL, draft_id, text),
            saved_at=desk.now,
        )
    )


@question("draft.load", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT, subject=myself)
def load_draft(desk: Desk, form: str) -> dict[str, Any] | None:
    """What one had typed into a form before; None when there is no draft."""
    draft = desk.db.get(Draft, (desk.account_id, form))
    if draft is None:
        return None
    values: dict[str, Any] = json.loads(unseal(desk.keys, LABEL, draft.id, draft.sealed))
    return values


@question("draft.list", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT, subject=myself)
def my_drafts(desk: Desk) -> tuple[str, ...]:
    """The forms of which one has a draft, the newest first."""
    found = desk.sql.execute(
        select(DRAFT.c.form).where(DRAFT.c.account_id == desk.account_id).order_by(DRAFT.c.saved_at.desc())
    ).scalars()
    return tuple(found)


@operation(
    "draft.discard",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    idempotent=False,
    internal=True,
)
def discard_draft(desk: Desk, form: str) -> None:
    """Throw a draft away: the form was sent, or is not wanted any more."""
    desk.sql.execute(delete(DRAFT).where(DRAFT.c.account_id == desk.account_id, DRAFT.c.form == form))
