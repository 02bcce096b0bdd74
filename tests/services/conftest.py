"""The branch in the middle of its day, built once and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.world import World, build


@pytest.fixture(scope="session")
def day(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Not to be changed by a test."""
    world = build(template, tmp_path_factory.mktemp("day") / "home")
    yield world
    world.bank.close()


@pytest.fixture(scope="module")
def _shared(day: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    shared = day.copied(tmp_path_factory.mktemp("shared"))
    yield shared
    shared.bank.close()


@pytest.fixture
def again(day: World, _shared: World) -> World:
    """The day from its beginning, in a bank that stays open: quicker than ``world`` where the clock stands still."""
    _shared.again(day)
    return _shared


@pytest.fixture
def world(day: World, tmp_path: Path) -> Iterator[World]:
    """A copy of the day to work on."""
    copy = day.copied(tmp_path)
    yield copy
    copy.bank.close()
