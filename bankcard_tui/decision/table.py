"""Known customers as columns of numpy arrays, for learning a points card and for scoring many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bankcard_tui.rules.scorecard import Value

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOT_KNOWN = -1


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: ``places`` (n) into ``words``, which ascend; NOT_KNOWN where nothing is known."""

    places: Whole
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[Value]) -> Words:
        """A column of ``values``; None and the empty word are not known."""
        words = tuple(sorted({str(each) for each in values if each is not None} - {""}))
        at = {word: place for place, word in enumerate(words)}
        found = (NOT_KNOWN if each is None else at.get(str(each), NOT_KNOWN) for each in values)
        return cls(np.fromiter(found, np.int64, len(values)), words)


Column = Floats | Words
"""Numbers with NaN where nothing is known, or words."""


@dataclass(frozen=True, slots=True)
class Table:
    """``n`` customers.

    ``columns`` hold what may enter a card, by code; ``audited`` what never does and serves audits of fairness alone.
    ``bad`` (n) says who turned bad; all False where nobody knows. ``days`` (n, ISO) says when each began, if known.
    """

    columns: dict[str, Column]
    bad: Flags
    audited: dict[str, Column] = field(default_factory=dict)
    days: NDArray[np.str_] | None = None

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, Sequence[Value]],
        bad: Sequence[bool],
        *,
        categorical: Collection[str] = (),
        never: Collection[str] = (),
        days: Sequence[str] | None = None,
    ) -> Table:
        """A table of ``columns`` by code, each with a value a customer; ``categorical`` name those of words, ``never``
        those that may not enter.
        """
        made: dict[str, Column] = {
            code: Words.of(values)
            if code in categorical
            else np.array([np.nan if each is None else each for each in values], dtype=np.float64)
            for code, values in columns.items()
        }
        return cls(
            {code: column for code, column in made.items() if code not in never},
            np.array(bad, dtype=np.bool_),
            {code: column for code, column in made.items() if code in never},
            None if days is None else np.array(days, dtype=np.str_),
        )

    def __len__(self) -> int:
        return len(self.bad)

    def rows(self, chosen: Whole | Flags) -> Table:
        """The customers at the positions ``chosen``."""
        return replace(
            self,
            columns={code: _rows(column, chosen) for code, column in self.columns.items()},
            bad=self.bad[chosen],
            audited={code: _rows(column, chosen) for code, column in self.audited.items()},
            days=None if self.days is None else self.days[chosen],
        )

    def in_order(self) -> Table:
        """The same customers in an order that depends on what is known of them alone, so that nothing learned depends
        on the order in which they came. What is audited decides only between customers who are alike otherwise.
        """
        keys: list[NDArray[Any]] = [_key(self.audited[code]) for code in sorted(self.audited)]
        keys += [_key(self.columns[code]) for code in sorted(self.columns)]
        keys += [self.bad] if self.days is None else [self.bad, self.days]
        return self.rows(np.lexsort(keys))


def _rows(column: Column, chosen: Whole | Flags) -> Column:
    return Words(column.places[chosen], column.words) if isinstance(column, Words) else column[chosen]


def _key(column: Column) -> Floats | Whole:
    return column.places if isinstance(column, Words) else column
