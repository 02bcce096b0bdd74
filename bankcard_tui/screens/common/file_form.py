"""A form over a part of a customer's file: filled from the file, saved with its version.

Two people may have the same file open. What the person has changed stays when somebody else changes the file meanwhile,
everything else shows what holds now; where both changed the same field, the person chooses between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from textual import on
from textual.app import ComposeResult

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import RESTORED, DeskScreen
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.widgets.dialogs import Choose, Confirm, Option
from bankcard_tui.widgets.fields import Field, Raw, raw_words
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import truncate

STALE: Final = "conflict.version"
MINE: Final = "mine"
HELD: Final = "held"
VALUE_CELLS: Final = 40


@dataclass(frozen=True)
class FilePart:
    """A part of a customer's file, and how it is read and saved.

    ``name`` is the form's id; ``draft`` names the draft. ``values_of`` gives what a file holds, by field. ``read`` and
    ``save`` run in a thread: ``read`` opens the file as it is now, ``save`` gets a desk with the form's idempotency
    key, the file that the form was filled from, and the form's values, and raises Conflict where that file is stale.
    """

    name: str
    draft: str
    fields: Callable[[], Sequence[Field]]
    values_of: Callable[[CustomerFile], Mapping[str, object]]
    read: Callable[[Desk], CustomerFile]
    save: Callable[[Desk, CustomerFile, Mapping[str, object]], object]


class FileForm(DeskScreen):
    """Fills the form, keeps changes as a draft, saves, and brings together what two people have changed."""

    def __init__(self, part: FilePart, file: CustomerFile | None = None) -> None:
        """``file``: the file as it is, where it is open already; else it is read."""
        super().__init__()
        self.part = part
        self._file = file

    def body(self) -> ComposeResult:
        values = self.part.values_of(self._file) if self._file is not None else {}
        fields = [replace(field, value=values.get(field.name)) for field in self.part.fields()]
        form = Form(fields, submit=mark("Save"), id=self.part.name)
        form.disabled = self._file is None
        yield form

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        if self._file is not None:
            self._begin()

    def load(self) -> None:
        if self._file is None:
            self.work(lambda: self.part.read(self.desk), self._open)

    def _open(self, file: CustomerFile) -> None:
        self._file = file
        self.form.hold(self.part.values_of(file))
        self.form.disabled = False
        self._begin()

    def _begin(self) -> None:
        self.form.focus()
        self.restore_draft(self.form)

    # The draft: what was changed, and what it was changed from

    def draft_name(self, form: Form) -> str:
        return self.part.draft

    def draft_values(self, form: Form) -> Mapping[str, object]:
        typed = form.changes()
        return {"typed": typed, "over": {name: form.held[name] for name in typed}} if typed else {}

    def take_up(self, form: Form, draft: Mapping[str, Any]) -> None:
        typed, over = (
            {name: _as_raw(raw) for name, raw in draft[part].items() if name in form.held} for part in ("typed", "over")
        )
        self._bring_together(form, typed, over)
        form.say(tr(RESTORED))

    # Saving

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        file, form, values = self._file, event.form, event.values
        if file is None:
            return
        desk = self.desk.once(form.key)

        def write() -> bool:
            try:
                self.part.save(desk, file, values)
            except Conflict as problem:
                if problem.code != STALE:
                    raise
                return False
            return True

        self.send(form, write, lambda saved: self._saved(form) if saved else self._offer_to_reload())

    def _saved(self, form: Form) -> None:
        self.sent(form)
        self.notify(tr("Saved."), markup=False)
        self.dismiss()

    # What others have changed

    def _offer_to_reload(self) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: self.part.read(self.desk), self._merge, group="merge")

        self.app.push_screen(
            Confirm(
                lambda: tr("The profile was changed by somebody else"),
                lambda: tr("Nothing is saved yet. Load the profile again? What you have changed here is kept."),
                lambda: tr("Load again"),
                destructive=False,
            ),
            answered,
        )

    def _merge(self, file: CustomerFile) -> None:
        """Take over what others have changed, keep what the person has."""
        form = self.form
        mine, before = form.changes(), form.held
        self._file = file
        form.hold(self.part.values_of(file))
        theirs = [row.field for name, row in form.rows.items() if form.held.get(name) != before.get(name)]
        self._bring_together(form, mine, before)
        changed = ", ".join(tr(field.label) for field in theirs)
        if changed:
            form.say(tr("Changed by somebody else: {fields}. Check, then save.", fields=changed))
        else:
            form.say(tr("Loaded again. Check, then save."))

    def _bring_together(self, form: Form, mine: Mapping[str, Raw], over: Mapping[str, Raw]) -> None:
        """Fill in ``mine``, which was typed over ``over``. A field that is not ``over`` any more was changed by
        somebody else too: it shows what is on file until the person has chosen."""
        disputed = {name: raw for name, raw in mine.items() if form.held[name] not in (over.get(name), raw)}
        form.fill({name: raw for name, raw in mine.items() if name not in disputed})
        self._choose_between(disputed)

    def _choose_between(self, disputed: dict[str, Raw]) -> None:
        """Ask about each field that two people have changed, one after the other."""
        if not disputed:
            self.drafts.changed(self.form)
            return
        name, mine = next(iter(disputed.items()))
        field, held = self.form.rows[name].field, self.form.held[name]

        def chosen(which: str | None) -> None:
            if which == MINE:
                self.form.fill({name: mine})
            del disputed[name]
            self._choose_between(disputed)

        self.app.push_screen(
            Choose(
                lambda: tr("{field}: somebody else changed it too", field=tr(field.label)),
                [
                    Option(HELD, lambda: tr("on file now: {value}", value=_shown(field, held))),
                    Option(MINE, lambda: tr("typed by you: {value}", value=_shown(field, mine))),
                ],
                lambda: tr("Which one do you want to save? Esc leaves what is on file."),
            ),
            chosen,
        )


def _shown(field: Field, raw: Raw) -> str:
    return truncate(raw_words(field, raw), VALUE_CELLS).plain


def _as_raw(value: Any) -> Raw:
    """A value out of a draft, which knows lists but no tuples."""
    raw: Raw = tuple(value) if isinstance(value, list) else value
    return raw
