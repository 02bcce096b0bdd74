"""How early warnings and watched accounts are said: what stands in the lists, and the lines below them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import WarningKind, WarningState
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.warning_work import WarningTotals, WarningView
from bankcard_tui.services.watch_list import WatchedView
from bankcard_tui.widgets.charts import bar
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import ago, amount, count, day, label
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned
from bankcard_tui.widgets.table import Column

WARNING_COLUMNS: Final = (
    Column(mark("Warning"), 23, priority=1),
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Card"), 4, priority=3),
    Column(mark("Reading"), 8, "right", priority=2),
    Column(mark("Open for"), 8, "right", priority=2),
    Column(mark("Who has it"), 12, priority=2),
    Column(mark("Watched"), 9, priority=4),
)
WATCHED_COLUMNS: Final = (
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Card"), 4, priority=4),
    Column(mark("Since"), 10, priority=2),
    Column(mark("Used now"), 17, priority=1),
    Column(mark("Was"), 7, "right", priority=2),
    Column(mark("Overdue"), 8, "right", priority=1),
    Column(mark("Warnings"), 8, "right", priority=1),
    Column(mark("Until"), 10, priority=5),
    Column(mark("Limit"), 12, "right", priority=6),
)
_BAR: Final = 10
_FULL: Final = 80
"""Percent of the limit from which on a bar is a warning."""


def kind_badge(kind: WarningKind) -> Content:
    """The kind of a warning as symbol, word and colour."""
    if kind is WarningKind.OVERDUE_HERE:
        return status("x", label(kind), Tone.BAD)
    return status("!", label(kind), Tone.WARNING)


def who_has(view: WarningView) -> Content:
    """Who deals with a warning."""
    if view.state is WarningState.DONE:
        return status("+", view.done_by, Tone.GOOD)
    if view.own:
        return toned(tr("not for you"), Tone.MUTED)
    if view.state is WarningState.OPEN:
        return status(">", tr("free"), Tone.ACCENT)
    return status("~", tr("you"), Tone.ACCENT) if view.mine else status("~", view.taken_by, Tone.MUTED)


def figure(view: WarningView) -> str:
    """The one figure of a warning that stands in the list; nothing where somebody has altered it."""
    values = view.figures[0].values if view.figures else {}
    if "percent" in values:
        return f"{values['percent']} %"
    if "days" in values:
        return tr("{count} d", count=values["days"])
    if "months" in values:
        return tr("{count} mon", count=values["months"])
    return f"{values['before']} > {values['now']}" if {"before", "now"} <= values.keys() else ""


def warning_cells(view: WarningView, now: datetime) -> tuple[object, ...]:
    """A warning in the list."""
    watched = status(">", tr("watched"), Tone.ACCENT) if view.watched else ""
    age = ago(view.raised_at, now)
    return kind_badge(view.kind), view.customer, view.last4, figure(view), age, who_has(view), watched


def warning_lines(view: WarningView, zone: str, width: int) -> Lines:
    """A warning in full: what it rests on, what to do, and what was done."""
    lines = [Content.assemble(kind_badge(view.kind), "  ", heading(view.customer))]
    for each in view.figures:
        lines += hanging(safe(say(each)), width, 0)
    lines += hanging(status(">", tr("To do: {what}", what=view.advice), Tone.ACCENT), width)
    if view.own:
        lines += hanging(status("!", tr("This is about yourself: a colleague deals with it."), Tone.WARNING), width)
    pairs: list[Pair] = []
    if view.measure is not None and view.done_at is not None:
        done = tr("{what}, {name}, {day}", what=label(view.measure), name=view.done_by, day=on_day(view.done_at, zone))
        pairs += [(mark("Dealt with"), done), (mark("Note"), view.note)]
    elif view.taken_at is not None:
        taken = tr("{name}, since {day}", name=view.taken_by, day=on_day(view.taken_at, zone))
        pairs.append((mark("Who has it"), taken))
    card = tr("ends in {last4}, limit {limit} yuan", last4=view.last4, limit=amount(view.limit))
    raised = tr("{day}, policy {version}", day=on_day(view.raised_at, zone), version=view.policy_version)
    return [*lines, *fact_lines([*pairs, (mark("Card"), card), (mark("Raised on"), raised)], width)]


def totals_line(totals: WarningTotals) -> Content:
    """How many warnings are to be dealt with."""
    words = tr(
        "{free} that nobody has, {taken} taken, {mine} of them by you",
        free=count(totals.free),
        taken=count(totals.taken),
        mine=count(totals.mine),
    )
    return Content.assemble(heading(tr("Early warnings")), "   ", toned(words, Tone.MUTED))


def watched_cells(view: WatchedView) -> tuple[object, ...]:
    """A watched account in the list."""
    days, before = view.days_past_due, view.use_percent_before
    overdue: object = toned("-", Tone.MUTED)
    if days is not None:
        overdue = status("x", tr("{count} d", count=days), Tone.BAD) if days else "0"
    warnings: object = status("!", count(view.warnings), Tone.WARNING) if view.warnings else "0"
    return (
        view.customer,
        view.last4,
        day(view.since),
        use_bar(view.use_percent),
        "-" if before is None else f"{before} %",
        overdue,
        warnings,
        day(view.until),
        amount(view.limit),
    )


def use_bar(percent: int | None) -> Content:
    """How much of a limit is used, as a bar with its figure."""
    if percent is None:
        return toned(tr("not known yet"), Tone.MUTED)
    tone = Tone.BAD if percent > 100 else Tone.WARNING if percent >= _FULL else Tone.ACCENT
    return Content.assemble(bar(percent, 100, _BAR, tone), f" {percent:>3} %")


def watched_lines(view: WatchedView, width: int) -> Lines:
    """A watched account in full: why, and how it was used before and since."""
    if view.kind is not None and view.before is not None and view.after is not None:
        why = f"{label(view.kind)}: {amount(view.before)} > {amount(view.after)}"
    else:
        why = tr("A manager wanted it.")
    spent = tr("{now} a month, before {before}", now=_known(view.spent), before=_known(view.spent_before))
    owed = tr(
        "{now} of {limit}, before {before}",
        now=_known(view.owed),
        limit=amount(view.limit),
        before=_known(view.owed_before),
    )
    pairs: list[Pair] = [
        (mark("Reason"), why),
        (mark("Owes"), owed),
        (mark("Spends"), spent),
        (mark("Put there by"), view.by),
        (mark("Watched until"), day(view.until)),
    ]
    if view.note:
        pairs.insert(1, (mark("Note"), view.note))
    return [heading(view.customer), *fact_lines(pairs, width)]


def _known(money: object) -> str:
    return "-" if money is None else str(money)
