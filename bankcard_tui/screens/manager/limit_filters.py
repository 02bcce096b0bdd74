"""Which proposals a list shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import Grade, LimitChangeKind, ProposalOrigin, SpendingClass
from bankcard_tui.screens.manager.limit_text import KINDS
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import english, label

_ALL: Final = "all"
_KINDS: Final[dict[str, type[StrEnum]]] = {
    "kind": LimitChangeKind,
    "origin": ProposalOrigin,
    "grade": Grade,
    "spending_class": SpendingClass,
}


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
        kinds: dict[str, Any] = {
            "kind": LimitChangeKind,
            "origin": ProposalOrigin,
            "grade": Grade,
            "spending_class": SpendingClass,
        }
        chosen: dict[str, Any] = {name: kinds[name](value) for name, value in values.items() if value != _ALL}
        return cls(**chosen)

    def fields(self) -> list[Field]:
        """The questions of a form, as they are answered now."""
        return [
            _field("kind", mark("Adjustment"), self.kind, KINDS),
            _field("origin", mark("Comes from"), self.origin, {each: english(each) for each in ProposalOrigin}),
            _field("grade", mark("Grade"), self.grade, {each: english(each) for each in Grade}),
            _field(
                "spending_class", mark("Spending"), self.spending_class, {each: english(each) for each in SpendingClass}
            ),
        ]

    def words(self) -> str:
        """What is asked, in words."""
        asked: list[StrEnum] = [each for each in (self.origin, self.grade, self.spending_class) if each is not None]
        words = [tr(KINDS[self.kind])] if self.kind else []
        return ", ".join([*words, *map(label, asked)]) or tr("all")


def _field(name: str, label: str, value: StrEnum | None, words: Mapping[Any, str]) -> Field:
    options = [(_ALL, mark("all")), *((str(each.value), word) for each, word in words.items())]
    return Field(name, label, "choice", options=options, value=value.value if value else _ALL)
