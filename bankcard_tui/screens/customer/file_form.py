"""A form over a part of the customer's own file: filled from the file, saved with its version.

When somebody else has changed the file meanwhile, it is loaded again on request: what the customer has changed stays,
everything else shows what holds now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.app import ComposeResult

from bankcard_tui.errors import Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.customer.parts import FillingScreen
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import my_file
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.fields import Field, Raw
from bankcard_tui.widgets.form import Form

STALE = "conflict.version"


class ChangesForm(Form):
    """A form that knows what the file holds. Only what the customer has changed goes into the store's draft: the rest
    of an old draft would undo what others have changed since."""

    def __init__(self, fields: Sequence[Field], held: Mapping[str, Raw], *, submit: str, id: str) -> None:
        super().__init__(fields, submit=submit, id=id)
        self.held = held

    def changes(self) -> dict[str, Raw]:
        """The fields that differ from the file."""
        return {name: raw for name, raw in super().draft().items() if raw != self.held.get(name)}

    def draft(self, *, secrets: bool = True) -> dict[str, Raw]:
        return super().draft() if secrets else self.changes()


class FileForm(FillingScreen):
    """A subclass gives ``NAME``, ``FIELDS``, what the file holds for them, and the operation that saves."""

    PAGE = "profile"
    NAME = ""
    FIELDS: tuple[Field, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._file: CustomerFile | None = None
        self._held: Mapping[str, Raw] = {}

    def values_of(self, file: CustomerFile) -> Mapping[str, object]:
        """What the file holds, by field."""
        raise NotImplementedError

    def save(self, file: CustomerFile, values: Mapping[str, object], key: str) -> int:
        """Save under the idempotency ``key``; returns the new version of the file. Raises Conflict when it is stale."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        form = ChangesForm(self.FIELDS, self._held, submit=mark("Save"), id=self.NAME)
        form.disabled = self._file is None
        yield form

    def load(self) -> None:
        if self._file is None:
            self.work(lambda: my_file(self.desk), self._open)

    def draft_name(self, form: Form) -> str:
        return f"customer.{self.NAME}"

    def _open(self, file: CustomerFile) -> None:
        self._hold(file)
        form = self.query_one(Form)
        form.disabled = False
        form.focus()
        self.restore_draft(form)

    def _hold(self, file: CustomerFile) -> None:
        """Fill the form from ``file``, and keep what it holds, to know later what the customer has changed."""
        form = self.query_one(ChangesForm)
        form.fill(self.values_of(file))
        self._file = file
        self._held = form.held = form.draft()

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        file, form, values = self._file, event.form, event.values
        if file is None:
            return

        def write() -> bool:
            try:
                self.save(file, values, form.key)
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

    def _offer_to_reload(self) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: my_file(self.desk), self._merge)

        self.app.push_screen(
            Confirm(
                tr("Your profile was changed by somebody else"),
                tr("Nothing is saved yet. Load the profile again? What you have changed here is kept."),
                tr("Load again"),
                destructive=False,
            ),
            answered,
        )

    def _merge(self, file: CustomerFile) -> None:
        """Take over what others have changed, keep what the customer has."""
        form = self.query_one(ChangesForm)
        mine, before = form.changes(), self._held
        self._hold(file)
        theirs = [name for name, raw in self._held.items() if raw != before[name]]
        form.fill(mine)
        changed = ", ".join(tr(field.label) for field in self.FIELDS if field.name in theirs)
        if changed:
            form.say(tr("Changed by somebody else: {fields}. Check, then save.", fields=changed))
        else:
            form.say(tr("Loaded again. Check, then save."))
