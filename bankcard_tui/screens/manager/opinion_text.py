"""What the review desk says about the opinion: points among the grades, reasons, broken rules, and the proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.decision.opinion import REASONS_AGAINST, Opinion, Reason
from bankcard_tui.locale import tr
from bankcard_tui.rules.characteristics import CHARACTERISTIC_LABELS
from bankcard_tui.rules.hard_rules import BrokenRule
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import Scale, points_of_probability
from bankcard_tui.rules.terms import Decision, Grade
from bankcard_tui.screens.manager.precedent_text import alike_line
from bankcard_tui.services.opinions import Advice
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.charts import Band, score_bar
from bankcard_tui.widgets.labels import amount, badge, label, percent
from bankcard_tui.widgets.lined import Lines, block, closed, half, hanging, joined, side_by_side
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned

COLUMNS: Final = 44
"""From so many cells on, the reasons against and for stand side by side."""

PROPOSAL_SYMBOLS: Final = {Decision.APPROVE: "+", Decision.REFUSE: "x", Decision.RETURN: "!"}
PROPOSAL_TONES: Final = {Decision.APPROVE: Tone.GOOD, Decision.REFUSE: Tone.WARNING, Decision.RETURN: Tone.WARNING}
_TONES: Final = {
    Grade.EXCELLENT: Tone.GOOD,
    Grade.GOOD: Tone.GOOD,
    Grade.MEDIUM: Tone.WARNING,
    Grade.POOR: Tone.WARNING,
}


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is said: with blank rows, in whole sentences, with titles beside the symbols, and the evidence of so
    many reasons in each direction.
    """

    airy: bool = False
    whole: bool = False
    titles: bool = False
    evidence: int = REASONS_AGAINST


_LADDER: Final = (
    _Detail(airy=True, whole=True, titles=True),
    _Detail(whole=True, titles=True),
    _Detail(titles=True),
    *(_Detail(evidence=reasons) for reasons in range(REASONS_AGAINST, -1, -1)),
)
"""What gives way, one after the other, where there are few rows."""


def bands(points: int, floors: tuple[int, int, int]) -> list[Band]:
    """The grades on the scale of points. The open ends are drawn as wide as the closed grades together, or wider."""
    excellent, good, medium = floors
    width = excellent - medium
    edges = [min(medium - width, points), medium, good, excellent, max(excellent + width, points + 1)]
    grades = [Grade.POOR, Grade.MEDIUM, Grade.GOOD, Grade.EXCELLENT]
    return [
        Band(label(grade), low, high, _TONES[grade]) for grade, low, high in zip(grades, edges, edges[1:], strict=False)
    ]


class Advised(Protocol):
    """What an opinion was formed on. ``grade_floors`` are the fewest points of excellent, good and medium."""

    @property
    def advice(self) -> Advice: ...

    @property
    def grade_floors(self) -> tuple[int, int, int]: ...


def opinion_lines(file: Advised, width: int, rows: int) -> Lines:
    """Points among the grades, what stands against an approval, and the reasons.

    In ``rows`` rows where possible: blank rows give way first, then what can be said in fewer words.
    """
    lines: Lines = []
    for detail in _LADDER:
        lines = joined(_groups(file, width, detail), airy=detail.airy)
        if len(lines) <= rows:
            break
    return lines


def _groups(file: Advised, width: int, detail: _Detail) -> list[Lines]:
    opinion = file.advice.opinion
    return [
        [*_score(file, width), *_default(opinion, width), *_rests_on(opinion, width, detail)],
        warnings(opinion, width),
        *_reasons(opinion, width, detail),
        hanging(alike_line(file.advice), width),
    ]


def proposal(file: ReviewFile, width: int) -> Lines:
    """Two rows in the colour of the proposal: the decision, and the limit or what else there is to say."""
    opinion = file.advice.opinion
    first = f"{PROPOSAL_SYMBOLS[opinion.proposal]} {label(opinion.proposal)}"
    second = tr("{amount} yuan", amount=opinion.limit) if opinion.limit is not None else ""
    if not opinion.enough_known:
        second = second or tr("not enough known")
    return block(first, second, PROPOSAL_TONES[opinion.proposal], width)


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


def rule_line(rule: BrokenRule) -> Content:
    """A broken rule with its symbol: x where it blocks every approval."""
    tone = Tone.BAD if rule.blocking else Tone.WARNING
    return status("x" if rule.blocking else "!", rule_sentence(rule), tone)


def warnings(opinion: Opinion, width: int) -> Lines:
    """The rules that are broken, and what the aid does not know."""
    lines = [line for rule in opinion.broken for line in hanging(rule_line(rule), width)]
    if not opinion.enough_known:
        unknown = tr("Not enough known: {what}.", what=named(opinion.unknown)) if opinion.unknown else ""
        outside = tr("No known customer was like this: {what}.", what=named(opinion.outside)) if opinion.outside else ""
        said = " ".join(each for each in (unknown, outside) if each) or tr("Not enough known.")
        lines += hanging(status("!", said, Tone.WARNING).stylize("bold"), width)
    return lines


def named(codes: tuple[str, ...]) -> str:
    """Characteristics by name."""
    return ", ".join(tr(CHARACTERISTIC_LABELS[code]) for code in codes)


def default_words(opinion: Opinion) -> str:
    """The probability of default with its interval, where the opinion has one."""
    if opinion.low == opinion.high:
        return tr("default {percent}", percent=percent(opinion.probability))
    return tr(
        "default {percent} % ({low} to {high} %)",
        percent=_brief(opinion.probability),
        low=_brief(opinion.low),
        high=_brief(opinion.high),
    )


def rests_words(opinion: Opinion) -> str:
    """The customers that the opinion rests on, and how much of it is the expert's word."""
    if not opinion.customers:
        return tr("no outcomes yet: the expert's word alone")
    return tr(
        "rests on {customers:customer|customers}, {bad} turned bad; {share} still the expert's word",
        customers=f"{opinion.customers:,}",
        bad=f"{opinion.bad:,}",
        share=percent(opinion.expert_share, 0),
    )


def borderline() -> Content:
    """That another grade can't be ruled out."""
    return status("!", tr("borderline"), Tone.WARNING)


def _score(file: Advised, width: int) -> Lines:
    opinion = file.advice.opinion
    grades = bands(opinion.points, file.grade_floors)
    aside = borderline() if opinion.borderline else None
    return list(score_bar(opinion.points, grades, width, _interval(opinion, file.advice.scale), aside).split("\n"))


def _interval(opinion: Opinion, scale: Scale) -> tuple[int, int] | None:
    """The interval in points, the pessimistic end first."""
    if opinion.low == opinion.high:
        return None
    return points_of_probability(opinion.high, scale), points_of_probability(opinion.low, scale)


def _default(opinion: Opinion, width: int) -> Lines:
    return hanging(heading(default_words(opinion)), width)


def _rests_on(opinion: Opinion, width: int, detail: _Detail) -> Lines:
    words = rests_words(opinion)
    if not detail.whole and cell_len(words) > width:
        words = _rests_in_short(opinion)
    return hanging(toned(words, Tone.MUTED), width)


def _rests_in_short(opinion: Opinion) -> str:
    if not opinion.customers:
        return tr("no outcomes yet: expert's word")
    return tr(
        "{customers} known, {bad} bad, expert {share}",
        customers=f"{opinion.customers:,}",
        bad=f"{opinion.bad:,}",
        share=percent(opinion.expert_share, 0),
    )


def _brief(fraction: float) -> str:
    """Percent with as many places as are worth reading."""
    return f"{100 * fraction:.{0 if fraction >= 0.0995 else 1}f}"


def _reasons(opinion: Opinion, width: int, detail: _Detail) -> list[Lines]:
    """The reasons against and for: side by side where there is room, else one group under the other."""
    beside = width >= COLUMNS and bool(opinion.reasons_against and opinion.reasons_for)
    column = half(width) if beside else width
    weighing = opinion.reasons_against
    if not (detail.titles or opinion.enough_known):
        # The warning above names them already.
        weighing = tuple(each for each in weighing if each.code not in opinion.unknown)
    against = _reason_lines(tr("Against"), weighing, "-", Tone.WARNING, column, detail)
    helping = _reason_lines(tr("For"), opinion.reasons_for, "+", Tone.GOOD, column, detail)
    return [side_by_side(against, helping, width)] if beside else [against, helping]


def _reason_lines(title: str, reasons: Sequence[Reason], symbol: str, tone: Tone, width: int, detail: _Detail) -> Lines:
    if not reasons:
        return []
    lines: Lines = [toned(title, Tone.MUTED)] if detail.titles else []
    for place, each in enumerate(reasons):
        sentence = safe(tr(each.template, **each.values))
        said = hanging(Content.assemble((f"{symbol} ", f"bold {tone}"), sentence), width)
        evidence = toned(_evidence(each, width, whole=detail.whole), Tone.MUTED)
        lines += closed(said, evidence, width) if each.cases and place < detail.evidence else said
    return lines


def _evidence(reason: Reason, width: int, *, whole: bool) -> str:
    """How the known customers alike turned out, in a whole sentence where that fits."""
    bad, cases = f"{reason.bad:,}", f"{reason.cases:,}"
    words = tr("{bad} of {cases} such customers defaulted", bad=bad, cases=cases)
    return words if whole and cell_len(words) + 2 <= width else tr("{bad} of {cases} defaulted", bad=bad, cases=cases)
