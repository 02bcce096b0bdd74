"""Points cards in words: how they stand, their attributes, and what the figures of their quality mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS, UNKNOWN_WORDS
from bankcard_tui.rules.scorecard import Attribute, Characteristic
from bankcard_tui.rules.terms import CardState
from bankcard_tui.rules.training import Comparison, Quality
from bankcard_tui.screens.manager.cards_page import text
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.scorecards import CardRow
from bankcard_tui.widgets.labels import badge, count, percent
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.plots import table_lines
from bankcard_tui.widgets.safe import Tone, safe, status
from bankcard_tui.widgets.table import Column

LEAST_CASES: Final = 100
"""On fewer customers no two cards are told apart."""
NO_FIGURE: Final = "-"

_UNITS: Final[Mapping[str, str]] = {
    "age": mark("years old"),
    "monthly_income": mark("yuan a month"),
    "assets": mark("yuan"),
    "debt_service_percent": mark("% of income"),
    "other_limits_percent_of_annual_income": mark("% of a year's income"),
    "times_overdue": mark("times in twelve months"),
    "years_employed": mark("years"),
    "own_days_past_due": mark("days at most"),
    "own_use_percent": mark("% of the limit"),
}
_GROUP_LABELS: Final[Mapping[str, str]] = {
    "sex": mark("Sex"),
    "age": mark("Age"),
    "female": mark("Women"),
    "male": mark("Men"),
    "ethnicity": mark("Ethnicity"),
    "religion": mark("Religion"),
    "marital_status": mark("Marital status"),
    "id_number": mark("ID number"),
    "purpose": mark("Purpose of the card"),
}


def standing(row: CardRow) -> Content:
    """How a card stands, as symbol, word and colour."""
    return status("!", tr("Altered"), Tone.BAD) if row.altered else badge(row.state)


def card_name(row: CardRow) -> Content:
    """What a card is called; the expert's says that it is one."""
    return safe(row.name if row.version else tr("{name} (expert)", name=row.name))


def since(row: CardRow, zone: str) -> str:
    """Since when a trained card stands as it does; empty for the expert's."""
    if row.state is CardState.IN_FORCE and row.in_force_from is not None:
        return tr("since {day}", day=on_day(row.in_force_from, zone))
    return tr("until {day}", day=on_day(row.retired_at, zone)) if row.retired_at is not None else ""


def learned_from(row: CardRow) -> str:
    """How many customers a card rests on."""
    return tr(
        "Learned from {customers:customer|customers}, {bad} of them bad.",
        customers=count(row.customers),
        bad=count(row.bad),
    )


def characteristic_label(code: str) -> Content:
    """What a characteristic is called."""
    label = CHARACTERISTIC_LABELS.get(code)
    return safe(tr(label) if label else code)


def unit_of(code: str) -> str:
    """What its numbers are counted in; empty for words."""
    return tr(_UNITS[code]) if code in _UNITS else ""


def group_label(word: str) -> Content:
    """A column that never enters, or a group of it, as it is audited."""
    return safe(tr(_GROUP_LABELS[word]) if word in _GROUP_LABELS else word)


def attribute_texts(each: Characteristic) -> Iterator[tuple[Content, Attribute]]:
    """Every attribute of a characteristic with what it is called."""
    lowest = None
    for attribute in each.attributes:
        yield attribute_text(each.code, lowest if each.numeric else None, attribute.below, attribute.words), attribute
        lowest = attribute.below
    yield missing_text(each.code), each.missing
    if each.other is not None:
        yield safe(tr("Anything else")), each.other


def attribute_text(code: str, lowest: float | None, below: float | None, words: tuple[str, ...]) -> Content:
    """A range of numbers from ``lowest`` to under ``below`` (None: no bound), or words."""
    if words:
        known = CATEGORY_WORDS.get(code, {})
        return safe("; ".join(tr(known[word]) if word in known else word for word in words))
    if lowest is None:
        return safe(tr("any number") if below is None else tr("below {high}", high=_number(below)))
    if below is None:
        return safe(tr("{low} and more", low=_number(lowest)))
    return safe(tr("{low} to below {high}", low=_number(lowest), high=_number(below)))


def missing_text(code: str) -> Content:
    """What it is called when nothing is known of a characteristic."""
    return safe(tr(UNKNOWN_WORDS[code]) if code in UNKNOWN_WORDS else tr("not known"))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"


# Quality

FIGURES: Final = ("auc", "ks", "brier", "calibration_error")
FIGURE_NAMES: Final[Mapping[str, str]] = {
    "auc": mark("Rank order (AUC)"),
    "ks": mark("Separation (KS)"),
    "brier": mark("Squared error (Brier)"),
    "calibration_error": mark("Calibration error"),
}
_LARGER_IS_BETTER: Final = ("auc", "ks")
_LEVEL: Final = {"auc": 0.01, "ks": 0.02, "brier": 0.001, "calibration_error": 0.005}
"""Two cards whose figures differ by less than this are level."""
_SIDES: Final = (
    Column(mark("Measure"), 22),
    Column(mark("This card"), 10, "right"),
    Column(mark("Champion"), 10, "right"),
)


def figure(quality: Quality, name: str) -> str:
    """A figure of ``quality`` as it is written; "-" where there is none."""
    value: float | None = getattr(quality, name)
    if value is None:
        return NO_FIGURE
    if name == "auc":
        return f"{value:.3f}"
    return f"{value:.4f}" if name == "brier" else percent(value)


def meaning(quality: Quality, name: str) -> str:
    """One plain sentence: what a figure of ``quality`` says; empty where there is none."""
    value: float | None = getattr(quality, name)
    if value is None:
        return ""
    if name == "auc":
        template = mark(
            "Of a good and a bad customer the good one stands better in {share} of 100 pairs; 50 is a coin."
        )
        return tr(template, share=round(100 * value))
    if name == "ks":
        template = mark("At the best dividing line the bad lie below it more often than the good, by {share} in 100.")
        return tr(template, share=round(100 * value))
    if name == "brier":
        mean = quality.bad / quality.cases
        template = mark("The lower the better; the same probability for everybody gives {base}.")
        return tr(template, base=f"{mean * (1 - mean):.4f}")
    template = mark("Forecast and outcome lie {gap} apart on average, over ten groups.")
    return tr(template, gap=percent(value))


def quality_lines(compared: Comparison, width: int) -> Lines:
    """The figures of a card beside the champion's, with a sentence for each."""
    mine, theirs = compared.challenger_quality, compared.champion_quality
    rows = [(tr(FIGURE_NAMES[name]), figure(mine, name), figure(theirs, name)) for name in FIGURES]
    head, *lines = table_lines(_SIDES, rows, min(width, 46))
    explained = [head]
    for name, line in zip(FIGURES, lines, strict=True):
        explained.append(line)
        explained += [Content.assemble("  ", each) for each in text(meaning(mine, name), width - 2) if each.plain]
    return explained


def figure_lead(compared: Comparison, name: str) -> float | None:
    """By how much the challenger is better in a figure, 0 where the two are level; None where it can't be told."""
    mine, theirs = (getattr(each, name) for each in (compared.challenger_quality, compared.champion_quality))
    if mine is None or theirs is None or compared.challenger_quality.cases < LEAST_CASES:
        return None
    lead: float = mine - theirs if name in _LARGER_IS_BETTER else theirs - mine
    return lead if abs(lead) >= _LEVEL[name] else 0.0


def clear_lead(compared: Comparison) -> float:
    """By how much the challenger orders customers better (AUC); 0 where there is no clear difference."""
    return figure_lead(compared, "auc") or 0.0


def difference_words(compared: Comparison) -> tuple[str, str, Tone]:
    """Which of the two orders customers better, honestly: symbol, sentence and colour."""
    mine, theirs = compared.challenger_quality, compared.champion_quality
    name = compared.champion
    if mine.auc is None or theirs.auc is None:
        return "?", tr("Nothing can be said: customers of either kind are missing."), Tone.MUTED
    if mine.cases < LEAST_CASES:
        words = tr("No clear difference can be told: {count:customer|customers} only.", count=count(mine.cases))
        return "~", words, Tone.MUTED
    lead = clear_lead(compared)
    if not lead:
        return "~", tr("No clear difference to {name}.", name=name), Tone.MUTED
    if lead > 0:
        return "+", tr("It orders customers better than {name}, by {lead}.", name=name, lead=f"{lead:.3f}"), Tone.GOOD
    return "!", tr("It orders customers worse than {name}, by {lead}.", name=name, lead=f"{-lead:.3f}"), Tone.WARNING


def held_out_words(compared: Comparison) -> tuple[str, str, Tone]:
    """The same on customers held out, some of whom a champion that was trained itself has seen."""
    symbol, words, tone = difference_words(compared)
    if clear_lead(compared) >= 0:
        return symbol, words, tone
    return "~", f"{words} {tr('A champion that was trained knows some of them, which flatters it.')}", Tone.MUTED


def bad_words(bad_days: int | None, months: int | None) -> str:
    """When a customer counts as bad."""
    if bad_days is None or months is None:
        return tr("as the table says")
    return tr("{days:day|days} or more past due within {months:month|months}", days=bad_days, months=months)
