from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any, ClassVar

import pytest
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import WorkerFailed

from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn
from bankcard_tui.locale import tr
from bankcard_tui.rules import terms
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.charts import limit_use
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import KeyBar, footer_fits, key_name
from bankcard_tui.widgets.working import BankScreen
from tests.screens.app_kit import until
from tests.screens.terminal_kit import settled
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, Branch, assert_harmless, lines, shown, speaking


class Counter(BankScreen):
    HELP = "Register a customer.\nEnter goes on."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "nothing", "Approve"),
        Binding("r", "nothing_else", "Refuse"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.problems: list[BankError] = []
        self.loads = 0

    def top(self) -> ComposeResult:
        yield Static(tr("Approved"))

    def body(self) -> ComposeResult:
        yield Form([Field("name", "Name"), Field("kind", "Kind", "choice", options=terms.CardKind)], id="customer")

    def load(self) -> None:
        self.loads += 1

    @on(Form.Submitted)
    def register(self, event: Form.Submitted) -> None:
        def write() -> object:
            if event.values["name"] == "taken":
                raise InvalidInput("name", "This name is taken.")
            if event.values["name"] == "late":
                raise Conflict("Somebody was faster.", hint="Look again.")
            if event.values["name"] == "gone":
                raise NotSignedIn("The session has ended.")
            return event.values["name"]

        self.send(event.form, write, self.answers.append)


async def test_work_runs_beside_the_screen_and_comes_back() -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test() as pilot:
        counter.work(threading.get_ident, counter.answers.append)
        await settled(pilot)
        assert counter.answers != [threading.get_ident()]
        assert len(counter.answers) == 1


async def test_of_two_questions_in_a_group_only_the_later_is_answered() -> None:
    gate = threading.Event()
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test() as pilot:
        counter.work(lambda: gate.wait(5) and "early", counter.answers.append)
        counter.work(lambda: "other", counter.answers.append, group="other")
        counter.work(lambda: "later", counter.answers.append)
        await until(pilot, lambda: len(counter.answers) == 2)
        gate.set()
        await settled(pilot)
        assert sorted(map(str, counter.answers)) == ["later", "other"]


async def test_a_screen_that_is_gone_is_not_answered() -> None:
    gate = threading.Event()
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test() as pilot:
        done = threading.Event()
        counter.work(lambda: gate.wait(5) and done.set(), counter.answers.append)
        await pilot.pause()
        counter.dismiss()
        await pilot.pause()
        gate.set()
        await until(pilot, done.is_set)
        await settled(pilot)
        assert counter.answers == []


def conflict() -> None:
    raise Conflict("Somebody changed {name}.", hint="Look again.", name="[/] \x1b[2J")


async def test_a_problem_is_told_or_handled_by_the_screen() -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test(size=(80, 24)) as pilot:
        counter.work(conflict, counter.answers.append, on_problem=counter.problems.append)
        await settled(pilot)
        assert [problem.code for problem in counter.problems] == ["conflict"]
        assert not app._notifications
        counter.work(conflict, counter.answers.append)
        await settled(pilot)
        assert [note.message for note in app._notifications] == ["Somebody changed [/] ⟨U+001B⟩[2J. Look again."]
        assert_harmless(app)
        assert counter.answers == []


def ended() -> None:
    raise NotSignedIn("The session has ended.")


async def test_an_ended_session_is_the_applications_business() -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test() as pilot:
        counter.work(ended, counter.answers.append)
        await settled(pilot)
        assert len(app.session_problems) == 1
        counter.work(ended, counter.answers.append, on_problem=counter.problems.append)
        await settled(pilot)
        assert len(app.session_problems) == 2
        assert len(counter.problems) == 1


async def run_and_divide_by_zero(app: Branch, counter: Counter) -> None:
    async with app.run_test() as pilot:
        counter.work(lambda: 1 // 0, counter.answers.append)
        await until(pilot, lambda: app._exception is not None)


async def test_a_fault_of_the_program_is_not_swallowed() -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    with pytest.raises(WorkerFailed):
        await run_and_divide_by_zero(app, counter)


@pytest.mark.parametrize(
    ("name", "told", "answers"),
    [
        ("taken", "! This name is taken.", []),
        ("late", "Somebody was faster.", []),
        ("gone", "", []),
        ("fine", "", ["fine"]),
    ],
)
async def test_a_form_is_sent_and_free_again_however_it_ends(name: str, told: str, answers: list[object]) -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        form = counter.query_one(Form)
        form.focus()
        key = form.key
        await pilot.press(*name, "enter", "1", "ctrl+s")
        await settled(pilot)
        assert not form.busy
        assert form.raw("name") == name
        assert told in " ".join(shown(app).split())
        assert counter.answers == answers
        assert (form.key != key) == bool(answers)
        assert len(app.session_problems) == (name == "gone")


async def test_another_language_keeps_what_was_typed_and_the_cursor() -> None:
    counter = Counter()
    app = Branch(lambda: counter)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            counter.query_one(Form).focus()
            await pilot.press("王", "down", "2")
            assert "Consumer card" in shown(app)
            app.speak("zh_CN")
            await settled(pilot)
            assert "个人消费卡" in shown(app)
            assert "已批准" in shown(app)
            assert "返回" in lines(app)[-1]
            assert counter.query_one(Form).draft() == {"name": "王", "kind": "business"}
            assert app.focused is not None
            assert app.focused.id == "kind"
            assert counter.loads == 2


class WithItsOwn(Counter):
    def on_mount(self) -> None:
        self.query_one(Form).focus()


@pytest.mark.parametrize("kind", [Counter, WithItsOwn])
async def test_a_screen_that_opens_loads_once(kind: type[Counter]) -> None:
    screen = kind()
    app = Branch(lambda: screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen.loads == 1


class Slow(Counter):
    """Its errand is answered just while the parts of the screen are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def ask(self) -> None:
        def show(answer: bool) -> None:
            self.query_one(Form).fill({"name": "answered"})
            self.answers.append(answer)

        self.work(lambda: self.gate.wait(5), show, group="step")

    @property
    def children_gone(self) -> bool:
        return not self.query(Form)


async def remade_with_an_answer_in_the_middle(screen: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    mount = screen.mount_all

    async def late(widgets: Any) -> None:
        screen.gate.set()
        await asyncio.sleep(0.1)
        assert screen.children_gone, "the answer has come while nothing stood on the screen"
        assert (screen.answers, screen.problems) == ([], [])
        await mount(widgets)

    monkeypatch.setattr(screen, "mount_all", late)


@pytest.mark.parametrize("how", ["another language", "recompose"])
async def test_an_answer_that_comes_while_a_screen_is_put_together_waits_for_its_parts(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Slow()
    app = Branch(lambda: screen)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            screen.ask()
            await pilot.pause()
            await remade_with_an_answer_in_the_middle(screen, monkeypatch)
            if how == "recompose":
                await screen.recompose()
            else:
                app.speak("zh_CN")
            await pilot.pause(0.4)
            assert screen.answers == [True]
            assert screen.query_one(Form).raw("name") == "answered"


async def test_a_problem_that_comes_while_a_screen_is_put_together_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Slow()
    app = Branch(lambda: screen)
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:

            def fail() -> None:
                screen.gate.wait(5)
                raise Conflict("Somebody was faster.")

            screen.work(fail, screen.answers.append, on_problem=screen.problems.append, group="step")
            await pilot.pause()
            await remade_with_an_answer_in_the_middle(screen, monkeypatch)
            app.speak("zh_CN")
            await pilot.pause(0.4)
            assert [type(each) for each in screen.problems] == [Conflict]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["f1", "question_mark"])
async def test_help_says_what_the_screen_is_for_and_lists_its_keys(language: str, key: str) -> None:
    with speaking(language):
        app = Branch(Counter)
        async with app.run_test(size=(80, 24)) as pilot:
            app.screen.set_focus(None)
            await pilot.press(key)
            await pilot.pause()
            text = shown(app)
            assert "Register a customer." in text
            assert tr("Refuse") in text
            assert "F1 ?" in text
            assert "Super" not in text
            await pilot.press("escape")
            assert isinstance(app.screen, Counter)


async def test_escape_goes_back() -> None:
    app = Branch(Counter)
    async with app.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Counter)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_footer_shows_every_key_in_the_language_in_use(language: str) -> None:
    with speaking(language):
        app = Branch(Counter)
        async with app.run_test(size=(80, 24)) as pilot:
            app.screen.set_focus(None)
            await pilot.pause()
            assert footer_fits(app.screen)
            words = ["a", tr("Approve"), "r", tr("Refuse"), "Esc", tr("Back"), "F1", tr("Help")]
            place = 0
            for word in words:
                place = lines(app)[-1].index(word, place)


class Crowded(BankScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(letter, f"do_{letter}", f"Something long {letter}") for letter in "abcdefgh"
    ]


async def test_a_crowded_footer_is_found_out_and_never_loses_help() -> None:
    app = Branch(Crowded)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not footer_fits(app.screen)
        footer = lines(app)[-1]
        assert "Something long a" in footer
        assert "Something long h" not in footer
        assert "Esc Back  F1 Help" in footer
        assert len(app.screen.query_one(KeyBar).keys()) <= 7


async def test_a_click_on_a_key_presses_it() -> None:
    app = Branch(Counter)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        place = lines(app)[-1].index("F1")
        await pilot.click(KeyBar, offset=(place, 0))
        await pilot.pause()
        assert "Register a customer." in shown(app)


@pytest.mark.parametrize(
    ("key", "written"),
    [("ctrl+s", "Ctrl+S"), ("f1", "F1"), ("a", "a"), ("pagedown", "PgDn"), ("question_mark", "?"), ("escape", "Esc")],
)
def test_keys_are_written_as_on_the_keyboard(key: str, written: str) -> None:
    assert key_name(Binding(key, "x")) == written


class Sheet(BankScreen):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def body(self) -> ComposeResult:
        yield Facts([("Name", self.text), ("Phone", self.text[:20]), ("Status", None)], columns=2)
        yield Static(limit_use(Money.yuan(1), Money.yuan(2)))


async def test_facts_follow_what_they_are_given_the_language_and_the_width() -> None:
    app = Branch(lambda: Sheet("Zhang Wei"))
    async with app.run_test(size=(80, 24)) as pilot:
        facts = app.screen.query_one(Facts)
        await pilot.pause()
        assert "Name" in shown(app)
        assert "Zhang Wei" in shown(app)
        facts.show([("Name", "Li Na")])
        await pilot.pause()
        assert "Li Na" in shown(app)
        assert "Zhang Wei" not in shown(app)
        with speaking("zh_CN"):
            facts.refresh(layout=True)
            await pilot.pause()
            assert "姓名" in shown(app)
            assert "Name" not in shown(app)
        facts.show([("Name", "Li Na"), ("Phone", "13800138000 " * 8)])
        await pilot.pause()
        narrow = facts.size.height
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert 1 < facts.size.height < narrow


async def test_what_was_sent_is_done_though_its_screen_leaves_at_once() -> None:
    written: list[str] = []
    app = Branch(Counter)
    async with app.run_test() as pilot:
        counter = Counter()
        await app.push_screen(counter)
        counter.work(lambda: written.append("sent"), counter.answers.append)
        app.workers.cancel_all()
        counter.dismiss()
        await until(pilot, lambda: written == ["sent"])
        await settled(pilot)
        assert counter.answers == []


async def leaves_at_once() -> list[object]:
    app = Branch(Counter)
    async with app.run_test() as pilot:
        counter = Counter()
        await app.push_screen(counter)
        counter.work(lambda: "late", counter.answers.append)
        app.workers.cancel_all()
        counter.dismiss()
        await pilot.pause()
        return counter.answers


async def test_a_screen_that_leaves_at_once_leaves_no_work_behind(recwarn: pytest.WarningsRecorder) -> None:
    assert await leaves_at_once() == []
    gc.collect()
    assert [str(warning.message) for warning in recwarn if "never awaited" in str(warning.message)] == []


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("size", SIZES)
async def test_facts_show_hostile_text_harmlessly(text: str, size: tuple[int, int]) -> None:
    app = Branch(lambda: Sheet(text))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert_harmless(app)
