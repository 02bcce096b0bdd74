from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList

from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.locale import tr
from bankcard_tui.rules import terms
from bankcard_tui.screens.manager.why import LongText
from bankcard_tui.widgets.dialogs import Ask, Choose, Confirm, Dialog, LongMessage, Message, Option
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import footer_fits
from bankcard_tui.widgets.labels import label
from bankcard_tui.widgets.safe import safe
from bankcard_tui.widgets.working import BankScreen
from tests.screens.app_kit import until
from tests.screens.terminal_kit import settled
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, Branch, assert_harmless, shown, speaking

NOTHING_YET = object()


def spoken_by(kind: type[ModalScreen[Any]]) -> ModalScreen[Any]:
    """A dialog of this class that says "Approved", in the language in use."""

    def word() -> str:
        return tr("Approved")

    dialogs: dict[type[ModalScreen[Any]], Callable[[], ModalScreen[Any]]] = {
        Message: lambda: Message(word, word),
        LongText: lambda: LongText(word, lambda width: [safe(word())]),
        LongMessage: lambda: LongMessage(word, word),
        Confirm: lambda: Confirm(word, word, word),
        Ask: lambda: Ask(word, [Field("name", "Name"), Field("kind", "Approved", "choice", options=terms.CardKind)]),
        Choose: lambda: Choose(word, [Option("1", word), Option("2", word)], word),
    }
    return dialogs[kind]()


DIALOGS = [Message, LongMessage, LongText, Confirm, Ask, Choose]


def test_every_dialog_is_tried_in_another_language() -> None:
    found, elsewhere = {Dialog}, {"CodesDialog", "DecisionAsk", "Decisions", "Menu", "Why"}
    for _ in range(3):
        found |= {sub for kind in found for sub in kind.__subclasses__()}
    assert {kind.__name__ for kind in found} - elsewhere == {"Dialog", *(kind.__name__ for kind in DIALOGS)}


@pytest.mark.parametrize("kind", DIALOGS)
async def test_an_open_dialog_speaks_another_language_at_once(kind: type[ModalScreen[Any]]) -> None:
    app = Branch(BankScreen)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(spoken_by(kind))
            await pilot.pause()
            await pilot.press("a", "down")
            assert "Approved" in shown(app)
            focused = app.focused.id if app.focused is not None else None
            marked = [options.highlighted for options in app.screen.query(OptionList)]
            app.speak("zh_CN")
            await pilot.pause(0.2)
            assert "已批准" in shown(app)
            assert "Approved" not in shown(app)
            assert (app.focused.id if app.focused is not None else None) == focused
            assert [options.highlighted for options in app.screen.query(OptionList)] == marked
            assert [form.raw("name") for form in app.screen.query(Form)] == ["a"] * (kind is Ask)


async def test_a_dialog_that_is_sending_when_the_language_changes_is_answered() -> None:
    gate = threading.Event()

    def send(values: dict[str, object], key: str) -> str:
        gate.wait(5)
        return "sent"

    answers: list[object] = []
    app = Branch(BankScreen)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(Ask("Name", [Field("name", "Name")], send), answers.append)
            await pilot.pause()
            await pilot.press("a", "ctrl+s")
            app.speak("zh_CN")
            await pilot.pause(0.1)
            gate.set()
            await pilot.pause(0.5)
            assert answers == ["sent"]


async def test_the_help_speaks_another_language_at_once() -> None:
    app = Branch(BankScreen)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("f1")
            await pilot.pause()
            assert "Next part of the screen" in shown(app)
            app.speak("zh_CN")
            await pilot.pause(0.2)
            assert "转到下一区域" in shown(app)
            assert "Next part of the screen" not in shown(app)


async def answer_of(dialog: ModalScreen[Any], *keys: str) -> object:
    """What the dialog answers when these keys are pressed; NOTHING_YET while it stands."""
    answers: list[object] = [NOTHING_YET]
    app = Branch(BankScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await settled(pilot)
    return answers[-1]


def refusal() -> Confirm:
    return Confirm("Refuse the application?", "The applicant is told the reason.", "Refuse")


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["n"], False),
        (["y"], True),
        (["right", "enter"], True),
        (["tab", "enter"], True),
        (["right", "left", "enter"], False),
        (["x"], NOTHING_YET),
    ],
)
async def test_a_destructive_step_is_confirmed_with_the_cursor_on_cancel(keys: list[str], answer: object) -> None:
    assert await answer_of(refusal(), *keys) is answer


async def test_enter_and_escape_close_a_message() -> None:
    assert await answer_of(Message("Done", "The card is issued."), "enter") is None
    assert await answer_of(Message("Done", "The card is issued."), "escape") is None


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["2"], "debt_service"),
        (["enter"], "income"),
        (["j", "j", "k", "down", "enter"], "overdue_history"),
        (["o"], "other"),
        (["escape"], None),
        (["9"], NOTHING_YET),
    ],
)
async def test_one_of_a_few_is_chosen_by_its_key(keys: list[str], answer: object) -> None:
    options = [Option(reason.value, label(reason)) for reason in terms.RefusalReason if reason != "other"]
    options.append(Option("other", "Another reason", "o"))
    assert await answer_of(Choose("Why is it refused?", options), *keys) == answer


async def test_asking_answers_the_values() -> None:
    dialog = Ask("Limit", [Field("limit", "Limit", "number")])
    assert await answer_of(dialog, "5", "enter", "enter") == {"limit": 5}


async def test_asking_can_be_left() -> None:
    assert await answer_of(Ask("Limit", [Field("limit", "Limit", "number")]), "5", "escape") is None


async def until_idle(pilot: Pilot[None], form: Form) -> None:
    for _ in range(300):
        await pilot.pause(0.01)
        if not form.busy:
            return
    raise AssertionError("still busy")


async def test_what_the_bank_refuses_shows_up_inside_the_dialog() -> None:
    keys: list[str] = []

    def send(values: dict[str, object], key: str) -> str:
        keys.append(key)
        if values["limit"] == 5:
            raise InvalidInput("limit", "The limit is below the tier.", hint="Type at least 500.")
        if values["limit"] == 6:
            raise Conflict("Somebody else decided meanwhile.", hint="Look at the application again.")
        return "approved"

    answers: list[object] = []
    app = Branch(BankScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Ask("Limit", [Field("limit", "Limit", "number")], send), answers.append)
        await pilot.pause()
        form = app.screen.query_one(Form)
        await pilot.press("5", "ctrl+s")
        await until_idle(pilot, form)
        assert "! The limit is below the tier. Type at least 500." in shown(app)
        await pilot.press("backspace", "6", "ctrl+s")
        await until_idle(pilot, form)
        assert "! Somebody else decided meanwhile. Look" in shown(app)
        assert form.raw("limit") == "6"
        await pilot.press("backspace", "7", "ctrl+s")
        await settled(pilot)
        assert answers == ["approved"]
        assert len(set(keys)) == 1


async def test_a_dialog_that_was_left_does_not_answer_late() -> None:
    gate = threading.Event()
    answers: list[object] = []
    app = Branch(BankScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        done = threading.Event()
        question = Ask("Limit", [Field("n", "N")], lambda values, key: gate.wait(5) and done.set())
        app.push_screen(question, answers.append)
        await pilot.pause()
        await pilot.press("a", "ctrl+s", "escape")
        await pilot.pause()
        gate.set()
        await until(pilot, done.is_set)
        await settled(pilot)
        assert answers == [None]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_in_dialogs_is_harmless_and_keeps_the_answers_in_view(
    text: str, size: tuple[int, int]
) -> None:
    app = Branch(BankScreen)
    async with app.run_test(size=size) as pilot:
        for dialog in (
            Confirm(text, text, text),
            Message(text, text),
            Choose(text, [Option("a", text), Option("b", "B")], text),
            Ask(text, [Field("name", text, hint=text)], body=text, submit=text),
        ):
            app.push_screen(dialog)
            await pilot.pause()
            assert_harmless(app)
            for widget in app.screen.query("#cancel, #confirm, OptionList"):
                assert app.screen.region.contains_region(widget.region)
            app.pop_screen()


async def test_a_long_explanation_is_scrolled_by_keys() -> None:
    app = Branch(BankScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Message("Terms", "\n".join(f"Clause {number}." for number in range(40))))
        await pilot.pause()
        assert "Clause 39." not in shown(app)
        await pilot.press(*["pagedown"] * 6)
        await pilot.pause()
        assert "Clause 39." in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_keys_of_every_dialog_fit(language: str) -> None:
    with speaking(language):
        app = Branch(BankScreen)
        async with app.run_test(size=(80, 24)) as pilot:
            for dialog in (refusal(), Message("m"), Choose("c", [Option("a", "A")]), Ask("a", [Field("n", "N")])):
                app.push_screen(dialog)
                await pilot.pause()
                assert footer_fits(app.screen)
                app.pop_screen()


async def test_the_cursor_of_a_confirmation_is_seen_without_colour() -> None:
    app = Branch(BankScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(refusal())
        await pilot.pause()
        cancel, confirm = app.screen.query_one("#cancel", Button), app.screen.query_one("#confirm", Button)
        assert cancel.styles.text_style.underline
        assert not confirm.styles.text_style.underline
        assert not app.screen.query(OptionList)
