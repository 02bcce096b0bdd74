"""Where the credit of a customer stands, and how it went month by month."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import Grade
from bankcard_tui.services.credit_file_views import CreditFile, MonthLine
from bankcard_tui.services.limit_views import SpecialView
from bankcard_tui.widgets.charts import bar, limit_use
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import amount, badge, day, label
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.plots import marked_bar
from bankcard_tui.widgets.safe import Tone, heading, pad, safe, status, toned, truncate

GRADE_LETTERS: Final = {
    Grade.EXCELLENT: mark("E"),
    Grade.GOOD: mark("G"),
    Grade.MEDIUM: mark("M"),
    Grade.POOR: mark("P"),
}
_LEAST_BAR: Final = 8
_MOST_BAR: Final = 40
_USE_BAR: Final = 16


def day_at(value: datetime, zone: str) -> str:
    """``2026-11-21``: the day of ``value`` at the branch."""
    return day(value.astimezone(ZoneInfo(zone)).date())


def header_lines(file: CreditFile, width: int, *, own: bool) -> Lines:
    """Whose file this is, and what to look at first."""
    customer, summary = file.customer, file.summary
    parts = [safe(f"ID {customer.id_number[-8:]}")]
    if summary.grade is not None:
        parts.append(badge(summary.grade))
    if summary.open_warnings:
        parts.append(status("!", tr("{count:warning|warnings} open", count=summary.open_warnings), Tone.WARNING))
    if summary.watched_until is not None:
        parts.append(status("~", tr("watched"), Tone.WARNING))
    title = tr("My credit file") if own else tr("Credit file")
    tail = Content.assemble("   ", Content("   ").join(parts))
    first = Content.assemble(toned(title, Tone.ACCENT), "   ")
    name = truncate(heading(customer.name), max(12, width - cell_len(first.plain) - cell_len(tail.plain)))
    return hanging(Content.assemble(first, name, tail), width)


def glance_lines(file: CreditFile, width: int, zone: str, *, own: bool) -> Lines:
    """The figures, and the special limits."""
    lines = [heading(tr("Where the credit stands")), *fact_lines(_figures(file, zone, own=own), width)]
    if file.specials:
        lines += [Content(), heading(tr("Special limits"))]
        for special in file.specials:
            lines += hanging(special_line(special), width)
    return lines


def special_line(special: SpecialView) -> Content:
    """A temporary increase or a plan in one line: what for, how much, to when."""
    what = label(special.kind) if special.purpose is None else f"{label(special.kind)}: {label(special.purpose)}"
    until = tr("until {day}", day=day(special.until))
    stands = status("+", tr("running"), Tone.GOOD) if special.running else status("-", tr("over"), Tone.MUTED)
    return Content.assemble(stands, "  ", safe(what), "  ", amount(special.amount), "  ", toned(until, Tone.MUTED))


def _figures(file: CreditFile, zone: str, *, own: bool) -> list[Pair]:
    summary = file.summary
    owed: object = tr("not known yet")
    if summary.owed is not None and summary.owed_in is not None:
        at_end = toned(tr("at the end of {month}", month=f"{summary.owed_in:%Y-%m}"), Tone.MUTED)
        use = limit_use(summary.owed, summary.granted, _USE_BAR) if summary.granted > ZERO else amount(summary.owed)
        owed = Content.assemble(use, "  ", at_end)
    pairs: list[Pair] = [
        (mark("Credit grade"), badge(summary.grade) if summary.grade is not None else tr("no card yet")),
        (mark("Granted"), _granted(summary.granted, summary.total_limit)),
        (mark("What is owed"), owed),
        (mark("Overdue in twelve months"), _overdue(summary.worst_days, summary.months_overdue)),
        (mark("Last evaluated"), _evaluated(file)),
        (mark("Responsible"), _responsible(file, zone)),
    ]
    asks = tr("{count:request|requests} open", count=summary.open_proposals) if summary.open_proposals else tr("none")
    if own:
        return [*pairs, (mark("Your requests"), asks)]
    proposals = tr("{count:proposal|proposals} open", count=summary.open_proposals)
    warnings = status("!", tr("{count:warning|warnings} open", count=summary.open_warnings), Tone.WARNING)
    watched = tr("until {day}", day=day(summary.watched_until)) if summary.watched_until is not None else tr("no")
    return [
        *pairs,
        (mark("Proposals"), proposals if summary.open_proposals else tr("none")),
        (mark("Warnings"), warnings if summary.open_warnings else tr("none")),
        (mark("On the watch list"), watched),
    ]


def _granted(granted: Money, total: Money) -> Content:
    most = toned(tr("of at most {amount}", amount=amount(total)), Tone.MUTED)
    return Content.assemble(bar(granted.fen, total.fen, _USE_BAR), "  ", amount(granted), "  ", most)


def _overdue(worst: int | None, months: int) -> object:
    if worst is None:
        return tr("not known yet")
    if not months:
        return status("+", tr("never"), Tone.GOOD)
    said = tr("{months:month|months}, {days:day|days} at worst", months=months, days=worst)
    return status("!", said, Tone.WARNING)


def _evaluated(file: CreditFile) -> str:
    summary = file.summary
    last = day(summary.evaluated_on) if summary.evaluated_on is not None else tr("not evaluated yet")
    if summary.evaluated_again_on is None:
        return last
    return tr("{day}, again on {again}", day=last, again=day(summary.evaluated_again_on))


def _responsible(file: CreditFile, zone: str) -> str:
    summary = file.summary
    if summary.responsible_at is None:
        return ""
    return tr("{name}, decided last on {day}", name=summary.responsible, day=day_at(summary.responsible_at, zone))


def check_lines(file: CreditFile, width: int, zone: str) -> Lines:
    """Who has checked what, and when."""
    return [heading(tr("Who checked what")), *fact_lines(_checked(file, zone), width)]


def _checked(file: CreditFile, zone: str) -> list[Pair]:
    customer = file.customer
    unseen = status("!", tr("not checked"), Tone.WARNING)

    def seen(at: datetime | None, by: str) -> Content:
        if at is None:
            return unseen
        who = toned(tr("by {name} on {date}", name=by, date=day_at(at, zone)), Tone.MUTED)
        return Content.assemble(status("+", tr("checked"), Tone.GOOD), " ", who)

    income = customer.circumstances.monthly_income
    known = Content.assemble(amount(income), "  ") if income is not None else Content()
    pairs: list[Pair] = [
        (mark("Identity"), seen(customer.verified_at, customer.verified_by)),
        (mark("Monthly income"), Content.assemble(known, seen(customer.income_checked_at, customer.income_checked_by))),
    ]
    for place, document in enumerate(customer.documents):
        original = seen(document.verified_at, document.verified_by)
        what = Content.assemble(label(document.kind), " ", safe(document.reference), "  ", original)
        pairs.append((mark("Documents") if not place else "", what))
    return pairs


def month_lines(file: CreditFile, width: int) -> Lines:
    """A row for each month, the newest first: the grade's letter, the balance as a bar with a mark at the limit, and
    both in figures.
    """
    title = heading(tr("Month by month"))
    if not file.months:
        return [title, toned(tr("No limit was granted yet, and no month is known."), Tone.MUTED)]
    legend = toned(tr("# owed   | limit   {letters}", letters=_letters()), Tone.MUTED)
    top = max(max(line.limit.fen, line.balance.fen if line.balance is not None else 0) for line in file.months)
    figures = {line.month: _figures_of(line) for line in file.months}
    room = min(_MOST_BAR, width - 14 - max(cell_len(words.plain) for words in figures.values()))
    lines = []
    for line in reversed(file.months):
        letter = tr(GRADE_LETTERS[line.grade]) if line.grade is not None else "-"
        head = Content.assemble(f"{line.month:%Y-%m}", "  ", pad(letter, 2), " ")
        owed = line.balance.fen if line.balance is not None else 0
        drawn = marked_bar(owed, line.limit.fen, top, room) if room >= _LEAST_BAR else Content()
        lines.append(Content.assemble(head, drawn, "  ", figures[line.month]))
    return [title, *hanging(legend, width), *lines]


def _letters() -> str:
    return "  ".join(f"{tr(letter)} {label(grade)}" for grade, letter in GRADE_LETTERS.items())


def _figures_of(line: MonthLine) -> Content:
    owed = amount(line.balance) if line.balance is not None else "-"
    words = tr("{owed} of {limit}", owed=f"{owed:>10}", limit=f"{amount(line.limit):>10}")
    if not line.days_past_due:
        return safe(words)
    late = status("!", tr("{days} d late", days=line.days_past_due), Tone.WARNING)
    return Content.assemble(safe(words), "  ", late)
