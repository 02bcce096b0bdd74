"""Idempotency: what was sent twice is done once."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Spec
from bankcard_tui.desk.results import Done, Pending, RequestView, Result
from bankcard_tui.errors import Conflict
from bankcard_tui.models.base import table
from bankcard_tui.models.request import Sent

SENT = table(Sent)
_EARLIER = select(SENT.c.payload_digest, SENT.c.result).where(
    SENT.c.account_id == bindparam("account"), SENT.c.key == bindparam("sent_under")
)
_KEEP = insert(SENT)


def earlier(spec: Spec, desk: Desk, digest: str) -> Result[Any] | None:
    """The first success under the desk's key. Raises Conflict when the key came with something else."""
    actor = desk.actor.account_id
    if actor is None:
        return None
    row = desk.sql.execute(_EARLIER, {"account": actor, "sent_under": desk.key}).one_or_none()
    if row is None:
        return None
    if row.payload_digest != digest:
        raise Conflict(
            "This was sent before with other contents.",
            hint="Open the form anew and check what was done.",
            code="conflict.key",
        )
    kept = json.loads(row.result)
    if "pending" in kept:
        return Pending(RequestView.model_validate_json(json.dumps(kept["pending"])))
    return Done(spec.result.validate_json(json.dumps(kept["done"])))


def remember(spec: Spec, desk: Desk, digest: str, result: Result[Any]) -> None:
    """Keep a success under the desk's key, in its own transaction."""
    if desk.actor.account_id is None:
        return
    kept = (
        {"pending": result.request.model_dump(mode="json")}
        if isinstance(result, Pending)
        else {"done": spec.result.dump_python(result.view, mode="json")}
    )
    row = {
        "account_id": desk.actor.account_id,
        "key": desk.key,
        "operation": spec.name,
        "payload_digest": digest,
        "result": json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
        "at": desk.now,
    }
    desk.sql.execute(_KEEP, row)
