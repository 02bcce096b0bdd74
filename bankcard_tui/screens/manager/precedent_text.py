"""What the review desk says about precedents: the known customers most like the applicant, and how they turned out."""

from __future__ import annotations

from textual.content import Content

from bankcard_tui.locale import tr
from bankcard_tui.services.opinions import Advice
from bankcard_tui.services.precedents import Precedent
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.safe import Tone, status, toned


def precedent_lines(advice: Advice, width: int) -> Lines:
    """The most similar known customers, without identity, and how they turned out."""
    lines: Lines = [toned(tr("Known customers alike"), Tone.MUTED)]
    if not advice.enough_precedents:
        lines += hanging(status("!", _too_few(advice), Tone.WARNING), width)
    for each in advice.precedents:
        income = each.income_band or tr("income not known")
        who = (each.age_band, label(each.occupation) if each.occupation else "", income)
        alike = tr("alike {alike} of {asked}", alike=each.alike, asked=each.asked)
        limit = f"{tr('limit')} {amount(each.limit)}, " if each.limit is not None else ""
        lines += hanging(_outcome(each), width)
        lines += hanging(toned(f"  {'  '.join(word or '-' for word in who)}", Tone.MUTED), width)
        lines += hanging(toned(f"  {limit}{alike}", Tone.MUTED), width)
    return lines


def alike_line(advice: Advice) -> Content:
    """How the most similar known customers turned out, in one line."""
    if not advice.precedents:
        return toned(tr("No similar customers known yet."), Tone.MUTED)
    bad = sum(each.bad for each in advice.precedents)
    paid = len(advice.precedents) - bad
    words = tr("{paid} of {all:similar customer|similar customers} paid", paid=paid, all=len(advice.precedents))
    return status("!", words, Tone.WARNING) if bad else status("+", words, Tone.GOOD)


def _too_few(advice: Advice) -> str:
    return tr("Only {count} found: too few to lean on.", count=len(advice.precedents))


def _outcome(each: Precedent) -> Content:
    if each.bad:
        return status("x", tr("{days:day|days} overdue", days=each.worst_days_past_due), Tone.WARNING)
    if each.worst_days_past_due:
        return status("~", tr("paid, {days:day|days} late", days=each.worst_days_past_due), Tone.MUTED)
    return status("+", tr("paid on time, {months:month|months}", months=each.months_observed), Tone.GOOD)
