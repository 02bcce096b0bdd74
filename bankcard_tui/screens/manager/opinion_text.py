"""What the review desk says about the opinion: score, reasons, broken rules, precedents, and the proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.decision.opinion import Opinion, Reason
from bankcard_tui.locale import tr
from bankcard_tui.rules.characteristics import CHARACTERISTIC_LABELS
from bankcard_tui.rules.hard_rules import BrokenRule
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Decision, Grade
from bankcard_tui.screens.manager.lined import Lines
from bankcard_tui.services.opinions import Advice
from bankcard_tui.services.precedents import Precedent
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.charts import Band, score_bar
from bankcard_tui.widgets.labels import amount, badge, label, percent
from bankcard_tui.widgets.safe import Tone, heading, pad, safe, status, toned

_TONES: Final = {
    Grade.EXCELLENT: Tone.GOOD,
    Grade.GOOD: Tone.GOOD,
    Grade.MEDIUM: Tone.WARNING,
    Grade.POOR: Tone.WARNING,
}
_PROPOSAL_TONES: Final = {Decision.APPROVE: Tone.GOOD, Decision.REFUSE: Tone.WARNING, Decision.RETURN: Tone.WARNING}
_PROPOSAL_SYMBOLS: Final = {Decision.APPROVE: "+", Decision.REFUSE: "x", Decision.RETURN: "!"}


def bands(points: int, floors: tuple[int, int, int]) -> list[Band]:
    """The grades on the scale of points. The open ends are drawn as wide as the closed grades together, or wider."""
    excellent, good, medium = floors
    width = excellent - medium
    edges = [min(medium - width, points), medium, good, excellent, max(excellent + width, points + 1)]
    grades = [Grade.POOR, Grade.MEDIUM, Grade.GOOD, Grade.EXCELLENT]
    return [
        Band(label(grade), low, high, _TONES[grade]) for grade, low, high in zip(grades, edges, edges[1:], strict=False)
    ]


def opinion_lines(file: ReviewFile, width: int, rows: int) -> Lines:
    """Points among the grades, what stands against an approval, and the reasons.

    In ``rows`` rows where possible: blank rows give way first, then what the symbols and the strip below say anyway.
    """
    spacious = _joined(_groups(file, width, full=True), airy=True)
    if len(spacious) <= rows:
        return spacious
    close = _joined(_groups(file, width, full=True), airy=False)
    return close if len(close) <= rows else _joined(_groups(file, width, full=False), airy=False)


def _groups(file: ReviewFile, width: int, *, full: bool) -> list[Lines]:
    opinion = file.advice.opinion
    score = score_bar(opinion.points, bands(opinion.points, file.grade_floors), width)
    groups = [
        [*score.split("\n"), *([_default_line(opinion)] if full else [])],
        _warnings(opinion, width),
        _reasons(tr("Against") if full else "", opinion.reasons_against, "-", Tone.WARNING, width),
        _reasons(tr("For") if full else "", opinion.reasons_for, "+", Tone.GOOD, width),
        hanging(_alike_line(file.advice), width),
    ]
    return [group for group in groups if group]


def precedent_lines(advice: Advice, width: int) -> Lines:
    """The most similar known customers, without identity, and how they turned out."""
    lines = [_ends(toned(tr("Known customers alike"), Tone.MUTED), toned(tr("limit"), Tone.MUTED), width)]
    if not advice.enough_precedents:
        lines += hanging(status("!", _too_few(advice), Tone.WARNING), width)
    for each in advice.precedents:
        job = label(each.occupation) if each.occupation else "-"
        income = each.income_band or tr("income not known")
        lines.append(_ends(_outcome(each), safe(amount(each.limit) if each.limit is not None else ""), width))
        lines += hanging(toned(f"  {each.age_band}  {job}  {income}", Tone.MUTED), width)
    return lines


def why_lines(file: ReviewFile, width: int) -> Lines:
    """Everything that the opinion rests on, with the points."""
    opinion, advice = file.advice.opinion, file.advice
    weighed = opinion.weighed or (*opinion.reasons_against, *opinion.reasons_for)
    groups = [
        [line for rule in opinion.broken for line in hanging(_rule(rule), width)] or [safe(tr("No rule is broken."))],
        [
            toned(tr("Points brought, of the best possible"), Tone.MUTED),
            *(line for each in weighed for line in _weighed(each, width)),
        ],
        [toned(tr("Not known"), Tone.MUTED), *hanging(safe(f"? {_unknown(opinion)}"), width)]
        if opinion.unknown
        else [],
        hanging(
            toned(
                tr(
                    "Points card {card}, policy version {version}. The aid advises; the decision is yours.",
                    card=opinion.card,
                    version=advice.policy_version,
                ),
                Tone.MUTED,
            ),
            width,
            indent=0,
        ),
    ]
    return _joined([group for group in groups if group], airy=True)


def proposal(file: ReviewFile, width: int) -> Lines:
    """Two rows in the colour of the proposal: the decision, and the limit or what else there is to say."""
    opinion = file.advice.opinion
    first = f"{_PROPOSAL_SYMBOLS[opinion.proposal]} {label(opinion.proposal)}"
    second = tr("{amount} yuan", amount=opinion.limit) if opinion.limit is not None else ""
    if not opinion.enough_known:
        second = second or tr("not enough known")
    return block(first, second, _PROPOSAL_TONES[opinion.proposal], width)


def block(first: str, second: str, tone: Tone, width: int) -> Lines:
    """Two rows of ``width`` cells, reversed in the colour of ``tone``: what is large on a terminal."""
    return [pad(f"  {text}", width).stylize(f"bold reverse {tone}") for text in (first, second)]


def terms_lines(file: ReviewFile) -> Lines:
    """What may be granted, and how many people sign for what is proposed."""
    opinion = file.advice.opinion
    default = tr("default {percent}", percent=percent(opinion.probability))
    grade = Content.assemble(badge(opinion.grade), "  ", toned(default, Tone.MUTED))
    if opinion.limit is not None:
        signers = signers_words(opinion.limit, file.signature_bounds)
        grade = Content.assemble(grade, "  ", toned(signers, Tone.MUTED))
    return [bounds_line(file), grade]


def bounds_line(file: ReviewFile) -> Content:
    """The limits that can be granted here."""
    if file.advice.opinion.blocked or file.lowest_limit > file.highest_limit:
        return toned(tr("Nothing can be granted now."), Tone.MUTED)
    return Content.assemble(
        toned(tr("can be granted"), Tone.MUTED), f"  {amount(file.lowest_limit)} - {amount(file.highest_limit)}"
    )


def signers_words(limit: Money, bounds: tuple[Money, Money]) -> str:
    """How many people sign a limit."""
    if limit <= bounds[0]:
        return tr("one signature")
    return tr("two signatures") if limit <= bounds[1] else tr("three signatures")


def rule_sentence(rule: BrokenRule) -> str:
    """A broken rule in the language in use."""
    return tr(rule.template, **rule.values)


def hanging(line: Content, width: int, indent: int = 2) -> Lines:
    """``line`` wrapped in ``width`` cells, all but its first row ``indent`` cells in."""
    if cell_len(line.plain) <= width:
        return [line]
    rows = line.wrap(max(4, width - indent))
    return [rows[0], *(Content.assemble(" " * indent, row) for row in rows[1:])]


def _default_line(opinion: Opinion) -> Content:
    return Content.assemble(
        toned(tr("Probability of default"), Tone.MUTED), "  ", heading(percent(opinion.probability))
    )


def _warnings(opinion: Opinion, width: int) -> Lines:
    lines = [line for rule in opinion.broken for line in hanging(_rule(rule), width)]
    if not opinion.enough_known:
        names = _unknown(opinion)
        sentence = tr("Not enough known: {what}.", what=names) if names else tr("Not enough known.")
        lines += hanging(status("!", sentence, Tone.WARNING).stylize("bold"), width)
    return lines


def _rule(rule: BrokenRule) -> Content:
    tone = Tone.BAD if rule.blocking else Tone.WARNING
    return status("x" if rule.blocking else "!", rule_sentence(rule), tone)


def _reasons(title: str, reasons: Sequence[Reason], symbol: str, tone: Tone, width: int) -> Lines:
    if not reasons:
        return []
    lines: Lines = [toned(title, Tone.MUTED)] if title else []
    for each in reasons:
        sentence = safe(tr(each.template, **each.values))
        lines += hanging(Content.assemble((f"{symbol} ", f"bold {tone}"), sentence), width)
    return lines


def _weighed(reason: Reason, width: int) -> Lines:
    points = f"{reason.points:+d}"
    best = f"{reason.best:+d}"
    tone = Tone.GOOD if reason.points == reason.best else Tone.WARNING if reason.points < 0 else Tone.MUTED
    sentence = safe(tr(reason.template, **reason.values))
    head = Content.assemble(toned(f"{points:>4}", tone, bold=True), toned(f" / {best:<4}", Tone.MUTED), sentence)
    return hanging(head, width, indent=11)


def _unknown(opinion: Opinion) -> str:
    return ", ".join(tr(CHARACTERISTIC_LABELS[code]) for code in opinion.unknown)


def _alike_line(advice: Advice) -> Content:
    if not advice.precedents:
        return toned(tr("No similar customers known yet."), Tone.MUTED)
    bad = sum(each.bad for each in advice.precedents)
    paid = len(advice.precedents) - bad
    words = tr("{paid} of {all:similar customer|similar customers} paid", paid=paid, all=len(advice.precedents))
    return status("!", words, Tone.WARNING) if bad else status("+", words, Tone.GOOD)


def _too_few(advice: Advice) -> str:
    return tr("Only {count} found: too few to lean on.", count=len(advice.precedents))


def _ends(left: Content, right: Content, width: int) -> Content:
    """``left`` and ``right`` at the two ends of a row."""
    return Content.assemble(pad(left, max(0, width - cell_len(right.plain) - 1)), " ", right)


def _outcome(each: Precedent) -> Content:
    if each.bad:
        return status("x", tr("{days:day|days} overdue", days=each.worst_days_past_due), Tone.WARNING)
    if each.worst_days_past_due:
        return status("~", tr("paid, {days:day|days} late", days=each.worst_days_past_due), Tone.MUTED)
    return status("+", tr("paid on time, {months:month|months}", months=each.months_observed), Tone.GOOD)


def _joined(groups: Sequence[Lines], *, airy: bool) -> Lines:
    lines: Lines = []
    for group in groups:
        if lines and airy:
            lines.append(Content())
        lines += group
    return lines
