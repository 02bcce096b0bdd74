"""Archives of the log at the keyboard: archived, removed by two, deleted, exported; changes side by side."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.screens.admin.archives import ArchivesScreen
from bankcard_tui.screens.admin.log import LogScreen
from bankcard_tui.screens.common.log import MyLogScreen
from bankcard_tui.services.admin_requests import waiting_for_admins
from bankcard_tui.services.log_archive import archive_log, list_archives
from bankcard_tui.services.logs import LogRow, list_log
from bankcard_tui.services.requests import sign
from bankcard_tui.widgets.dialogs import Ask, Confirm, LongMessage, Message
from bankcard_tui.widgets.log_changes import change_lines
from bankcard_tui.widgets.log_rows import entry_dialog
from tests.branch import Town
from tests.screens.admin_kit import VIEWS, AdminApp, press, settled, typed
from tests.screens.test_admin_backups import tells
from tests.screens.widgets_kit import HOSTILE, Branch, assert_harmless, shown, speaking


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_everything_up_to_now_is_archived_by_one_key(town: Town, size: tuple[int, int], language: str) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = await press(pilot, "a")
            assert isinstance(app.screen, ArchivesScreen)
            assert ("There is no archive yet" if language == "en" else "尚无归档") in text
            await press(pilot, "a")
            await tells(pilot, "are archived and verified" if language == "en" else "已归档并校验")
            await settled(pilot)
            assert ("+ Archived" if language == "en" else "+ 已归档") in shown(app)
            assert ("! No recovery kit" if language == "en" else "! 没有恢复包") in shown(app)
            text = await press(pilot, "enter")
            assert isinstance(app.screen, Message)
            assert ".archive" in text
            await press(pilot, "escape", "escape")
            assert isinstance(app.screen, LogScreen)
    assert len(list_archives(town.desk("admin")).items) == 1


async def test_young_entries_can_not_be_removed(town: Town) -> None:
    archive_log(town.desk("admin"))
    app = AdminApp(town.desk("admin"), ArchivesScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "r")
        assert app.told == ["Nothing may be removed: only archived entries older than 12 months."]


async def test_old_entries_go_after_a_second_signature_and_stay_in_their_archive(
    town: Town, clock: SimulatedClock
) -> None:
    archived = archive_log(town.desk("admin"))
    clock.advance(timedelta(days=400))
    desks = {name: town.sign_in(name) for name in ("admin", "admin2")}
    app = AdminApp(desks["admin"], ArchivesScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "> May be removed" in shown(app)
        text = await press(pilot, "r")
        assert isinstance(app.screen, Confirm)
        assert "A second administrator has to sign it" in text
        assert "12 months" in text
        await press(pilot, "y")
        assert "waits for a second administrator" in app.told[-1]
    (row,) = waiting_for_admins(desks["admin2"]).items
    assert not row.altered
    sign(desks["admin2"], row.request.id)
    app = AdminApp(desks["admin"], ArchivesScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "! Two have signed" in shown(app)
        await press(pilot, "c")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "y")
        await tells(pilot, "+ 45 entries deleted" if archived.last_seq == 45 else "entries deleted")
        await settled(pilot)
        assert "- Removed: here alone" in shown(app)
    assert list_log(desks["admin"], until=archived.made_at).items == ()
    app = AdminApp(desks["admin"], "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        text = await press(pilot, "V")
        assert "+ The chain holds" in text
        assert f"Up to entry {archived.last_seq} it lies in archives." in " ".join(text.split())


async def test_a_missing_archive_is_named_by_the_check_of_the_log(town: Town) -> None:
    archived = archive_log(town.desk("admin"))
    (town.bank.home.archives / archived.file).unlink()
    app = AdminApp(town.desk("admin"), "home")
    async with app.run_test() as pilot:
        await settled(pilot)
        text = await press(pilot, "v")
        assert isinstance(app.screen, LongMessage)
        assert archived.file in "".join(text.split())


# Exporting


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_what_the_filters_show_is_exported_and_said_where(
    town: Town, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    town.registers("zhang")
    app = AdminApp(town.desk("admin"), "whole_log")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await press(pilot, "slash")
            await typed(pilot, "zhang")
            await press(pilot, "enter", "e")
            assert isinstance(app.screen, Ask)
            file = tmp_path / "log.json"
            await press(pilot, "2", "down")
            await typed(pilot, str(file))
            await press(pilot, "ctrl+s")
            await tells(pilot, "written to" if language == "en" else "条记录写入")
            exported = json.loads(file.read_text())
            found = {int(row.key) for row in page_of(app).table.page.rows}
            own_entry = {max(row["seq"] for row in exported)}  # it tells of the search, and fits it
            assert {row["seq"] for row in exported} == found | own_entry
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            await press(pilot, "x")
            assert str(file)[-8:] not in shown(app)
    assert list_log(town.desk("admin"), action="log.export").items


async def test_an_export_never_writes_over_a_file(town: Town, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("mine")
    app = AdminApp(town.desk("admin"), MyLogScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "e", "down")
        await typed(pilot, str(tmp_path / "log.csv"))
        await press(pilot, "ctrl+s")
        await tells(pilot, "There is a file of this name already.")
    assert (tmp_path / "log.csv").read_text() == "mine"


async def test_staff_export_what_concerns_themselves(town: Town, tmp_path: Path) -> None:
    app = AdminApp(town.desk("teller"), MyLogScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "e", "down")
        await typed(pilot, str(tmp_path / "mine.csv"))
        await press(pilot, "ctrl+s")
        await tells(pilot, "written to")
    assert "session.sign_in" in (tmp_path / "mine.csv").read_text()


async def test_customers_export_no_files_on_a_machine_of_the_bank(town: Town) -> None:
    town.registers("zhang")
    app = AdminApp(town.sign_in("zhang"), MyLogScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "e")
        assert isinstance(app.screen, MyLogScreen)


def page_of(app: AdminApp) -> LogScreen:
    screen = app.screen
    assert isinstance(screen, LogScreen)
    return screen


# What was changed


def changed(before: object, after: object) -> LogRow:
    return LogRow(
        seq=7,
        at=datetime(2026, 3, 1, tzinfo=UTC),
        username="teller",
        role="teller",
        terminal="desk-1",
        action="customer.change_contact",
        outcome="done",
        subject_kind="customer",
        subject_id=uuid4(),
        detail={"before": before, "after": after, "why": "moved"},
    )


def test_before_and_after_stand_side_by_side_and_what_differs_is_marked() -> None:
    detail: dict[str, object] = {
        "before": {"phone": "138****8000", "city": "A"},
        "after": {"phone": "139****9001", "city": "A", "email": "z***@x.cn"},
    }
    lines = [line.plain.rstrip() for line in change_lines(detail, 64)]
    assert lines[0].split() == ["Before", "After"]
    assert lines[1].split() == ["phone", "138****8000", ">", "139****9001"]
    assert lines[2].split() == ["city", "A", "A"]
    assert lines[3].split() == ["email", "-", ">", "z***@x.cn"]
    assert len({line.index(word) for line, word in zip(lines[:2], ("Before", "138"), strict=True)}) == 1


def test_two_lists_are_compared_as_a_whole() -> None:
    lines = change_lines({"before": ["sign_second"], "after": ["sign_second", "sign_third"]}, 64)
    assert "> sign_second, sign_third" in " ".join("".join(line.plain for line in lines[1:]).split())


@pytest.mark.parametrize("width", [20, 64])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_somebody_typed_stays_in_its_column(text: str, width: int) -> None:
    for line in change_lines({"before": {text: text}, "after": {text: [text, 1]}}, width):
        assert isinstance(line, Content)
        assert cell_len(line.plain.rstrip()) <= width
        assert all(character.isprintable() for character in line.plain)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_an_opened_entry_shows_both_sides_of_a_change(size: tuple[int, int], language: str) -> None:
    row = changed({"address": "1 Harbour Road"}, {"address": "港湾路二号"})
    app = Branch(lambda: entry_dialog(row, ZoneInfo("Asia/Shanghai")))
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = await press(pilot, *["pagedown"] * 3)
            assert_harmless(app)
            assert ("Before" if language == "en" else "变更前") in text
            assert "1 Harbour Road" in text
            assert "> 港湾路二号" in text
            assert "why: moved" in text
