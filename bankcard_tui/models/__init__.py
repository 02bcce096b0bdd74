"""The tables of the store, one file per aggregate."""

from __future__ import annotations

from bankcard_tui.models import (
    account,
    application,
    backup,
    branch,
    card,
    customer,
    limit,
    log,
    outbox,
    outcome,
    person,
    request,
    scorecard,
    watch,
)
from bankcard_tui.models.base import Row

METADATA = Row.metadata

__all__ = [
    "METADATA",
    "account",
    "application",
    "backup",
    "branch",
    "card",
    "customer",
    "limit",
    "log",
    "outbox",
    "outcome",
    "person",
    "request",
    "scorecard",
    "watch",
]
