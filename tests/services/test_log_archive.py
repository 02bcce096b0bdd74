"""The log is archived, pruned by two people, and verified against all that knows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bankcard_tui.desk.access import actor_of
from bankcard_tui.desk.operation import _sit_down, run_signed
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.errors import BankError, Conflict, InvalidInput, Refused, VerificationFailed
from bankcard_tui.services import log_archive, log_prune, logs, sign_in
from bankcard_tui.services.log_archive import archive_log, list_archives
from bankcard_tui.services.log_prune import clear_pruned, prune_log
from bankcard_tui.services.log_verify import ChainCheck
from tests.branch import Town
from tests.services.test_log_chain import open_raw
from tests.services.world import World


def night(world: World) -> Any:
    return world.bank.system_desk("night")


def checked(world: World, **more: Any) -> ChainCheck:
    return logs.verify_log(night(world), **more)


def archives(world: World) -> Path:
    return world.bank.home.archives


def years_later(world: World) -> None:
    """Everybody signs in again more than a year on."""
    world.bank.clock.moment = world.bank.clock.now() + timedelta(days=400)
    world.town._desks.clear()


def prunes(world: World, until_seq: int) -> None:
    """One admin asks, the other one signs."""
    request = prune_log(world.desk("admin"), until_seq).pending
    assert request is not None
    desk = world.desk("admin2")
    with world.bank.store.write() as connection:
        at_work, _ = _sit_down(desk, connection, None)
        at_work.work.actor = actor_of(connection, world.ids["admin2"])
        record = connection.exec_driver_sql("SELECT subject_version FROM request WHERE id = ?", (request.id.bytes,))
        version = record.scalar_one()
        run_signed(
            REGISTRY["log.prune"], at_work, request.id, world.ids["admin"], {"until_seq": until_seq}, version, 1
        )


@pytest.fixture
def archived(world: World) -> World:
    """Three archives, all of them old by now."""
    for _ in range(3):
        archive_log(night(world))
        for _ in range(5):
            sign_in.sign_in(world.bank.lobby("x"), "teller", "violet harbour seven lanterns")
    years_later(world)
    return world


def test_an_archive_holds_every_entry_and_goes_on_where_the_last_one_ended(archived: World) -> None:
    items = list_archives(archived.desk("admin")).items
    assert [each.first_seq for each in items] == [1, *(each.last_seq + 1 for each in items[:-1])]
    assert all((archives(archived) / each.file).stat().st_size == each.size for each in items)
    assert not archived.bank.home.archiving.exists()
    check = checked(archived, deep=True)
    assert check.problems == ()
    entries = logs.list_log(archived.desk("admin"), action="log.archive_done").items
    assert [entry.detail["last"] for entry in reversed(entries)] == [each.last_seq for each in items]
