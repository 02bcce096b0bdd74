"""What the tables of one customer have in common."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import uuid_utils


class Applicant(NamedTuple):
    """What the tables of one customer have in common."""

    person: UUID
    customer: bytes
    account: bytes
    name: str
    key: str
    id_number: str
    born: str
    at: int


def new_id(micros: int) -> bytes:
    """A new id as it lies in the store."""
    return uuid_utils.uuid7(nanoseconds=micros * 1000).bytes
