from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button

from bankcard_tui.errors import InvalidForm, InvalidInput
from bankcard_tui.locale import tr
from bankcard_tui.rules import terms
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.entries import Entry, Options
from bankcard_tui.widgets.fields import Field, Raw, read, to_raw
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.working import BankScreen
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, Branch, assert_harmless, shown, speaking

EVERYTHING = [
    Field("heading", "The applicant", "heading"),
    Field("note", "Ask for the identity card first.", "note"),
    Field("name", "Name", hint="As on the identity card."),
    Field("password", "Password", "secret"),
    Field("income", "Monthly income", "amount"),
    Field("born", "Birth date", "date"),
    Field("children", "Children", "number", required=False),
    Field("kind", "Kind of card", "choice", options=terms.CardKind),
    Field("channels", "Channels", "choices", options=terms.Channel, required=False),
    Field("remark", "Remark", "text", required=False),
    Field("seen", "I saw the applicant in person", "check"),
]


class Desk(BankScreen):
    def __init__(self, fields: Sequence[Field], enter_sends: bool = False) -> None:
        super().__init__()
        self.fields = fields
        self.enter_sends = enter_sends
        self.sent: list[dict[str, object]] = []
        self.changed: list[str] = []

    def body(self) -> ComposeResult:
        yield Form(self.fields, submit="Register", enter_sends=self.enter_sends, id="customer")

    def load(self) -> None:
        self.form.focus()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    @on(Form.Submitted)
    def _sent(self, event: Form.Submitted) -> None:
        self.sent.append(event.values)

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        self.changed.append(event.name)


async def type_text(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*(key for key in text))


def focused(app: Branch) -> str | None:
    return app.focused.id if app.focused is not None else None


async def test_a_form_is_filled_and_sent_by_keys_alone() -> None:
    desk = Desk(EVERYTHING)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "王小明")
        await pilot.press("enter")
        await type_text(pilot, "secret")
        await pilot.press("enter")
        await type_text(pilot, "12000")
        await pilot.press("enter")
        await type_text(pilot, "19900531")
        await pilot.press("down", "down", "2", "tab", "1", "right", "right", "right", "space", "tab")
        await type_text(pilot, "hi")
        await pilot.press("tab", "space", "enter")
        assert isinstance(app.focused, Button)
        await pilot.press("enter")
        await pilot.pause()
        assert desk.sent == [
            {
                "name": "王小明",
                "password": "secret",
                "income": Money.yuan(12000),
                "born": "1990-05-31",
                "children": None,
                "kind": terms.CardKind.BUSINESS,
                "channels": (terms.Channel.SMS, terms.Channel.PHONE),
                "remark": "hi",
                "seen": True,
            }
        ]


HOUSING = Field("housing", "Housing", "choice", options=terms.Housing, required=False)


@pytest.mark.parametrize("keys", [["-"], ["right"] * (len(terms.Housing) - 1)], ids=["its key", "moving"])
async def test_a_choice_that_is_optional_can_be_taken_back(keys: list[str]) -> None:
    desk = Desk([HOUSING])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        assert desk.form.values() == {"housing": list(terms.Housing)[1]}
        await pilot.press(*keys)
        await pilot.pause()
        assert desk.form.values() == {"housing": None}
        assert desk.changed == ["housing"] * (1 + len(keys))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_empty_choice_stands_last_and_is_there_only_where_it_may_be_chosen(language: str) -> None:
    with speaking(language):
        app = Branch(lambda: Desk([HOUSING]))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert f"- (*) {tr('not stated')}" in shown(app)
        app = Branch(lambda: Desk([replace(HOUSING, required=True)]))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("-")
            await pilot.pause()
            assert tr("not stated") not in shown(app)
            assert "(*)" not in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_half_filled_form_says_at_each_field_what_is_wrong(language: str, size: tuple[int, int]) -> None:
    with speaking(language):
        desk = Desk(
            [Field("name", "Name"), Field("income", "Monthly income", "amount"), Field("born", "Birth", "date")]
        )
        app = Branch(lambda: desk)
        async with app.run_test(size=size) as pilot:
            await pilot.press("a", "down", "x", "down", "down", "ctrl+s")
            await pilot.pause()
            assert desk.sent == []
            assert focused(app) == "income"
            assert desk.form.raw("income") == "x"
            assert desk.form.rows["name"].problem is None
            assert shown(app).count("! ") == 2
            await pilot.press("backspace", "5")
            assert desk.form.rows["income"].problem is None


async def test_problems_from_the_bank_stand_at_their_fields_and_nothing_typed_is_lost() -> None:
    desk = Desk([Field("name", "Name"), Field("phone", "Phone")])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter", "1")
        desk.form.show_problems(
            InvalidForm(
                [
                    InvalidInput("elsewhere", "Something else is wrong."),
                    InvalidInput("phone", "This is not a mobile number.", hint="Type 11 digits."),
                ]
            )
        )
        await pilot.pause()
        assert focused(app) == "phone"
        assert "! This is not a mobile number. Type 11 digits." in shown(app)
        assert "! Something else is wrong." in shown(app)
        assert desk.form.draft() == {"name": "a", "phone": "1"}


async def test_what_is_on_its_way_can_not_be_sent_again() -> None:
    desk = Desk([Field("name", "Name")], enter_sends=True)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "enter", "enter", "ctrl+s")
        await pilot.pause()
        assert len(desk.sent) == 1
        assert desk.form.busy
        assert "Sending ..." in shown(app)
        desk.form.busy = False
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert len(desk.sent) == 2


async def test_the_birth_date_follows_from_the_id_number() -> None:
    def derive(raw: Raw, form: Form) -> None:
        if isinstance(raw, str) and len(raw) == 4:
            form.fill({"born": f"{raw}-01-01"})

    desk = Desk([Field("id", "ID number", on_change=derive), Field("born", "Birth date", "date")])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "1990")
        await pilot.pause()
        assert desk.form.raw("born") == "1990-01-01"
        assert set(desk.changed) == {"id"}


async def test_an_amount_is_written_with_separators_on_the_right_once_it_is_left() -> None:
    desk = Desk([Field("income", "Monthly income", "amount"), Field("name", "Name")])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "1234567.5")
        await pilot.press("down")
        await pilot.pause()
        assert desk.form.raw("income") == "1,234,567.50"
        assert "        1,234,567.50" in shown(app)
        await pilot.press("up", "home", "x", "down")
        await pilot.pause()
        assert desk.form.raw("income") == "x1,234,567.50"
        assert "! This is not an amount." in shown(app)


@pytest.mark.parametrize("text", [text for text in HOSTILE if not text.isprintable()])
@pytest.mark.parametrize("kind", ["line", "secret", "amount"])
async def test_a_paste_with_hidden_characters_is_refused_and_says_why(text: str, kind: str) -> None:
    desk = Desk([Field("name", "Name", kind, required=False)])  # type: ignore[arg-type]  # a table of kinds
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.focused is not None
        app.focused.post_message(events.Paste(text))
        await pilot.pause()
        assert desk.form.raw("name") == ""
        assert "! This " in shown(app)
        assert_harmless(app)


@pytest.mark.parametrize("text", ["\x1b[2J", "\u202eabc"])
async def test_a_note_refuses_hidden_characters_but_takes_lines(text: str) -> None:
    desk = Desk([Field("remark", "Remark", "text")])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.focused is not None
        app.focused.post_message(events.Paste("one\ntwo"))
        app.focused.post_message(events.Paste(text))
        await pilot.pause()
        assert desk.form.raw("remark") == "one\ntwo"
        assert "! This contains the hidden character" in shown(app)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_form_filled_with_hostile_text_shows_it_harmlessly(text: str) -> None:
    desk = Desk([Field("name", text, hint=text), Field("k", "K", "choice", options=[("a", text), ("b", "B")])])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        desk.form.fill({"name": text})
        desk.form.show_problems(InvalidInput("name", "Not {value}.", value=text))
        desk.form.say(text)
        await pilot.pause()
        assert_harmless(app)


async def test_a_password_is_neither_shown_nor_copied() -> None:
    desk = Desk([Field("password", "Password", "secret")])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "opensesame")
        entry = app.focused
        assert isinstance(entry, Entry)
        entry.action_select_all()
        entry.action_copy()
        entry.action_cut()
        await pilot.pause()
        assert app.clipboard == ""
        assert desk.form.raw("password") == "opensesame"
        assert "opensesame" not in shown(app)
        assert "**********" in shown(app)
        assert desk.form.draft(secrets=False) == {}


async def test_a_long_form_keeps_the_field_and_its_hint_in_view() -> None:
    desk = Desk([Field(f"field{number}", f"Field {number}", hint=f"Hint {number}.") for number in range(30)])
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["enter"] * 20)
        await pilot.pause()
        assert "Hint 20." in shown(app)
        assert "Field 20" in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_option_is_in_view_and_has_its_key(language: str) -> None:
    with speaking(language):
        desk = Desk([Field("job", "Occupation", "choice", options=terms.Occupation)])
        app = Branch(lambda: desk)
        async with app.run_test(size=(80, 24)) as pilot:
            assert all(f"{number} ( )" in shown(app) for number in range(1, 10))
            await pilot.press("right")
            assert desk.form.raw("job") == "professional"
            await pilot.press("right")
            assert desk.form.raw("job") == "management"
            await pilot.press("left", "left")
            assert desk.form.raw("job") == "other"
            await pilot.press("4")
            assert desk.form.raw("job") == "service"


def test_more_options_than_keys_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="more options than keys"):
        Options([(str(number), "x") for number in range(37)], (), id="x", several=False)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("line", "  Li   Lei ", "Li Lei"),
        ("secret", " as typed ", " as typed "),
        ("amount", "１２,345.5", Money(1234550)),
        ("number", " 1,200 ", 1200),
        ("number", "-3", -3),
        ("date", "1990-5-1", "1990-05-01"),
        ("date", "1990/05/01", "1990-05-01"),
        ("date", "1990年5月1日", "1990-05-01"),
        ("date", "19900501", "1990-05-01"),
        ("text", "a\nb", "a\nb"),
        ("check", False, False),
    ],
)
def test_what_is_typed_is_read(kind: str, raw: Raw, value: object) -> None:
    assert read(Field("f", "F", kind), raw) == value  # type: ignore[arg-type]  # a table of kinds


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("line", ""),
        ("line", "   "),
        ("line", "a\x00"),
        ("secret", ""),
        ("amount", "1e5"),
        ("amount", "NaN"),
        ("number", "1.5"),
        ("number", "1_000"),
        ("number", "٣"),
        ("date", "1990-02-30"),
        ("date", "90-02-03"),
        ("date", "1990050"),
        ("choice", ""),
        ("choices", ()),
        ("text", ""),
    ],
)
def test_what_can_not_be_read_is_refused_with_advice(kind: str, raw: Raw) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(Field("f", "F", kind, options=terms.Grade), raw)  # type: ignore[arg-type]  # a table of kinds
    assert caught.value.field == "f"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "nothing"),
    [("line", ""), ("secret", ""), ("date", ""), ("text", ""), ("amount", None), ("number", None), ("choice", None)],
)
def test_an_optional_field_may_stay_empty(kind: str, nothing: object) -> None:
    field = Field("f", "F", kind, required=False)  # type: ignore[arg-type]  # a table of kinds
    assert read(field, to_raw(field, None)) == nothing


@pytest.mark.parametrize("field", [field for field in EVERYTHING if field.kind not in ("note", "heading")])
def test_a_value_put_in_comes_out_again(field: Field) -> None:
    values: dict[str, object] = {
        "line": "Li Lei",
        "secret": "pw",
        "amount": Money(1234567),
        "date": "1990-05-31",
        "number": 3,
        "choice": terms.CardKind.BUSINESS,
        "choices": (terms.Channel.EMAIL,),
        "text": "a\nb",
        "check": True,
    }
    assert read(field, to_raw(field, values[field.kind])) == values[field.kind]
