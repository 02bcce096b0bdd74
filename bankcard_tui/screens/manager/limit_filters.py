"""Which proposals a list shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import Grade, LimitChangeKind, ProposalOrigin, SpendingClass
from bankcard_tui.screens.manager.limit_text import KINDS
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import label

_KINDS: Final = [(kind.value, word) for kind, word in KINDS.items()]


@dataclass(frozen=True)
class Filters:
    """What is asked of the proposals in a list; None asks nothing."""

    kind: LimitChangeKind | None = None
    origin: ProposalOrigin | None = None
    grade: Grade | None = None
    spending_class: SpendingClass | None = None

    @classmethod
    def of(cls, values: dict[str, object]) -> Self:
        """From what the form of :meth:`fields` holds."""
        kind = values["kind"]
        chosen: dict[str, Any] = {**values, "kind": LimitChangeKind(str(kind)) if kind else None}
        return cls(**chosen)

    def fields(self) -> list[Field]:
        """The questions of a form, as they are answered now."""
        return [
            Field("kind", mark("Adjustment"), "choice", options=_KINDS, required=False, value=self.kind),
            Field("origin", mark("Comes from"), "choice", options=ProposalOrigin, required=False, value=self.origin),
            Field("grade", mark("Grade"), "choice", options=Grade, required=False, value=self.grade),
            Field(
                "spending_class",
                mark("Spending"),
                "choice",
                options=SpendingClass,
                required=False,
                value=self.spending_class,
            ),
        ]

    def words(self) -> str:
        """What is asked, in words."""
        asked: list[StrEnum] = [each for each in (self.origin, self.grade, self.spending_class) if each is not None]
        words = [tr(KINDS[self.kind])] if self.kind else []
        return ", ".join([*words, *map(label, asked)]) or tr("all")
