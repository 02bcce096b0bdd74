"""The four sets of real credit data, the splits, and what other models reached on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import RepeatedStratifiedKFold

from bankcard_tui.decision.table import Flags, Floats, Table, Whole, Words
from bankcard_tui.decision.table_file import Schema, read_schema, read_table

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "credit"
SEED = 20240901


@dataclass(frozen=True)
class CreditSet:
    """``repeats`` of five folds; ``references`` are mean AUCs that other models reached on the same splits."""

    name: str
    repeats: int
    references: dict[str, float]

    @property
    def schema(self) -> Schema:
        return read_schema(FOLDER / f"{self.name}.json")

    def table(self, *, with_sensitive: bool = True) -> Table:
        """All customers. The references used the sensitive columns too."""
        return read_table(FOLDER / f"{self.name}.csv.gz", self.schema, with_sensitive=with_sensitive)

    def splits(self, bad: Flags, repeats: int) -> Iterator[tuple[Whole, Whole]]:
        """Positions to learn from and to judge by."""
        folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=SEED)
        yield from folds.split(np.zeros(len(bad)), bad)


LOGISTIC, SCORECARD, SPLINES, ADDITIVE, BOOSTING = (
    "logistic regression",
    "weight of evidence",
    "splines",
    "explainable boosting",
    "gradient boosting",
)
MODELS = (LOGISTIC, SCORECARD, SPLINES, ADDITIVE, BOOSTING)
SETS = (
    CreditSet("crx", 5, dict(zip(MODELS, (0.927, 0.926, 0.929, 0.936, 0.940), strict=True))),
    CreditSet("german", 5, dict(zip(MODELS, (0.791, 0.791, 0.779, 0.790, 0.780), strict=True))),
    CreditSet("taiwan", 2, dict(zip(MODELS, (0.771, 0.770, 0.776, 0.779, 0.780), strict=True))),
    CreditSet("gmsc", 1, dict(zip(MODELS, (0.812, 0.850, 0.860, 0.860, 0.865), strict=True))),
)
LARGE = ("taiwan", "gmsc")


def matrix(table: Table) -> Floats:
    """Customers as rows of numbers: words one-hot; what is not known of a number is its middle, with a mark."""
    parts: list[Floats] = []
    for column in table.columns.values():
        if isinstance(column, Words):
            parts.append((column.places[:, None] == np.arange(len(column.words))).astype(np.float64))
        else:
            missing = np.isnan(column)
            parts.append(np.where(missing, np.nanmedian(column), column)[:, None])
            if missing.any():
                parts.append(missing.astype(np.float64)[:, None])
    return np.hstack(parts)
