"""What a proposal to change a limit says: from how much to how much, why, and what happened to the limit before."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, say, say_all, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, ProposalOrigin
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.services.limit_views import ChangeView, EvaluationView, LimitView, ProposalView, SpecialView
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import amount, badge, day, label, percent
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.safe import Tone, safe, status, toned

KINDS: Final = {
    LimitChangeKind.RAISE: mark("Higher"),
    LimitChangeKind.REDUCTION: mark("Lower"),
    LimitChangeKind.TEMPORARY: mark("Temporary"),
    LimitChangeKind.PLAN: mark("Plan"),
}
"""The kinds of changes that are proposed, in a word each."""

SPECIAL: Final = (LimitChangeKind.TEMPORARY, LimitChangeKind.PLAN)
"""The kinds that add to a limit for a time and leave it as it is."""

_SYMBOLS: Final = {
    LimitChangeKind.RAISE: ("+", Tone.GOOD),
    LimitChangeKind.REDUCTION: ("-", Tone.WARNING),
    LimitChangeKind.TEMPORARY: ("~", Tone.ACCENT),
    LimitChangeKind.PLAN: ("*", Tone.ACCENT),
}


def kind_badge(kind: LimitChangeKind) -> Content:
    """A kind of change as symbol, word and colour."""
    symbol, tone = _SYMBOLS[kind]
    return status(symbol, tr(KINDS[kind]), tone)


def tone_of(kind: LimitChangeKind) -> Tone:
    """The colour of a kind of change."""
    return _SYMBOLS[kind][1]


def after(proposal: ProposalView, granted: Money | None = None) -> Money:
    """What might be owed with the proposal carried out, or with ``granted`` in place of its amount; other special
    limits aside.
    """
    given = proposal.amount if granted is None else granted
    return proposal.before + given if proposal.kind in SPECIAL else given


def change(proposal: ProposalView, granted: Money | None = None) -> Money:
    """By how much it would rise or, below nothing, fall."""
    return after(proposal, granted) - proposal.before


def signed_amount(money: Money) -> str:
    """``+3,000.00`` or ``-4,000.00``."""
    return amount(money) if money.fen <= 0 else f"+{amount(money)}"


def change_percent(proposal: ProposalView, granted: Money | None = None) -> str:
    """``+30 %``: the change, of the limit before."""
    if not proposal.before:
        return ""
    return f"{100 * change(proposal, granted).fen / proposal.before.fen:+.0f} %"


def large_lines(proposal: ProposalView, granted: Money | None = None) -> tuple[str, str]:
    """What is to be decided, in two short lines: the kind, and the amounts; ``granted`` in place of its amount."""
    given = proposal.amount if granted is None else granted
    symbol, _ = _SYMBOLS[proposal.kind]
    first = f"{symbol} {label(proposal.kind)}"
    if proposal.kind is LimitChangeKind.PLAN:
        months = tr("{months:month|months}", months=proposal.months or 0)
        return first, f"+{amount(given)}  {months}"
    if proposal.kind is LimitChangeKind.TEMPORARY:
        until = day(proposal.until) if proposal.until else ""
        return first, f"+{amount(given)} > {until}"
    return first, f"{amount(proposal.before)} > {amount(given)}"


def grades(proposal: ProposalView) -> Content:
    """The grade, or the two that it moves between."""
    if proposal.grade_before is proposal.grade:
        return badge(proposal.grade)
    return Content.assemble(badge(proposal.grade_before), " > ", badge(proposal.grade))


def signs(proposal: ProposalView) -> str:
    """How many sign it; what waits says how many have."""
    if proposal.waiting is not None:
        return tr("{signed} of {needed}", signed=proposal.waiting.signed, needed=proposal.waiting.needed)
    return str(proposal.signatures)


def signatures_words(number: int) -> str:
    """How many people sign it, in words."""
    return {1: tr("one signature"), 2: tr("two signatures")}.get(number, tr("three signatures"))


def special_words(proposal: ProposalView) -> str:
    """What a temporary increase or a plan is for, and its end."""
    parts = [label(proposal.purpose)] if proposal.purpose else []
    if proposal.until:
        parts.append(tr("up to {day}", day=day(proposal.until)))
    return ", ".join(parts)


def monthly_words(monthly: Money) -> str:
    """What a plan takes of the income."""
    return tr("repays {amount} a month", amount=amount(monthly))


def reason_line(proposal: ProposalView) -> str:
    """All reasons in one line."""
    return say_all(proposal.reason)


def proposal_lines(proposal: ProposalView, zone: str, width: int) -> Lines:
    """Who proposes it and why, what the customer said, and what the evaluation found."""
    lines: Lines = []
    if proposal.waiting is not None:
        waiting = proposal.waiting
        signed = tr("{signed} of {needed} signed", signed=waiting.signed, needed=waiting.needed)
        lines += hanging(status("~", f"{signed}, {waiting.maker}", Tone.ACCENT), width)
    by = proposal.made_by if proposal.origin is not ProposalOrigin.EVALUATION else ""
    origin = "  ".join(part for part in (label(proposal.origin), on_day(proposal.made_at, zone), by) if part)
    lines += hanging(toned(origin, Tone.MUTED), width)
    if proposal.said:
        lines += hanging(Content.assemble((">", f"bold {Tone.ACCENT}"), " ", safe(_one_line(proposal.said))), width)
    for each in proposal.reason:
        lines += hanging(safe(f"- {say(each)}"), width)
    if proposal.monthly is not None:
        lines += hanging(safe(f"- {monthly_words(proposal.monthly)}"), width)
    if proposal.evaluation is not None:
        lines += [Content(), *fact_lines(evaluation_pairs(proposal.evaluation, zone), width)]
    return lines


def evaluation_pairs(found: EvaluationView, zone: str) -> list[Pair]:
    """What a re-evaluation rested on and came to."""
    same = found.account_grade is found.grade
    grade = badge(found.grade) if same else Content.assemble(badge(found.account_grade), " > ", badge(found.grade))
    late = tr("{days:day|days}", days=found.worst_days) if found.worst_days is not None else None
    pairs: list[tuple[str, object]] = [
        (mark("Evaluated"), on_day(found.at, zone)),
        (mark("Grade"), grade),
        (mark("Points"), f"{found.points}  ({tr('default {percent}', percent=percent(found.probability))})"),
        (mark("Spending"), label(found.spending_class)),
        (mark("Seen for"), tr("{months:month|months}", months=found.months_observed)),
        (mark("Worst delay"), late),
        (mark("Months overdue"), str(found.months_overdue) if found.months_overdue else None),
        (mark("Spent a month"), _of_limit(found.spent_percent)),
        (mark("Balance"), _of_limit(found.use_percent)),
        (mark("Owed"), amount(found.owed)),
        (mark("Policy"), tr("version {version}", version=found.policy_version)),
    ]
    return [(title, value) for title, value in pairs if value is not None]


def limit_lines(limit: LimitView, zone: str, width: int) -> Lines:
    """What runs beside the limit, and what happened to it before, the newest first."""
    lines: Lines = [toned(tr("History of the limit"), Tone.MUTED)]
    for special in limit.specials:
        if special.running:
            lines += hanging(_special(special), width)
    for each in sorted(limit.history, key=lambda entry: entry.at, reverse=True):
        lines += _change_lines(each, zone, width)
    again = tr("Evaluated again on {day}.", day=day(limit.evaluated_again_on))
    return [*lines, *hanging(toned(again, Tone.MUTED), width)]


def _special(special: SpecialView) -> Content:
    what = label(special.purpose) if special.purpose else label(special.kind)
    return status("*", f"{what} +{amount(special.amount)}, {tr('up to {day}', day=day(special.until))}", Tone.ACCENT)


def _change_lines(each: ChangeView, zone: str, width: int) -> Lines:
    moved = f"{amount(each.before)} > {amount(each.after)}" if each.before else amount(each.after)
    line = Content.assemble(f"{on_day(each.at, zone)}  ", label(each.kind), f"  {moved}")
    reason = say_all(each.reason)
    if not reason:
        return hanging(line, width)
    return [*hanging(line, width), *hanging(toned(f"  {reason}", Tone.MUTED), width)]


def _of_limit(share: int | None) -> str | None:
    return tr("{percent} % of the limit", percent=share) if share is not None else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
