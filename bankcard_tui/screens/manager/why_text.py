"""Why an opinion says what it says: every characteristic with its points, and what the opinion rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from bankcard_tui.decision.opinion import Opinion, Reason
from bankcard_tui.locale import tr
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.screens.manager.opinion_text import (
    PROPOSAL_SYMBOLS,
    PROPOSAL_TONES,
    borderline,
    default_words,
    named,
    rests_words,
    rule_line,
    warnings,
)
from bankcard_tui.services.application_views import DecisionView
from bankcard_tui.services.opinions import Raise
from bankcard_tui.widgets.charts import bar
from bankcard_tui.widgets.labels import amount, badge, label, percent
from bankcard_tui.widgets.lined import Lines, hanging, joined
from bankcard_tui.widgets.safe import Tone, heading, pad, safe, safe_lines, status, toned

_BAR: Final = 8
_POINTS: Final = 5
_BEST: Final = 6
_EVIDENCE: Final = 13
_HASH: Final = 12
"""Digits of a card's digest that are shown: enough to tell two cards apart."""


def why_lines(opinion: Opinion, policy_version: int, width: int, raises: Sequence[Raise] = ()) -> Lines:
    """Everything that an opinion rests on. One of an early form weighs its reasons alone and has no sum."""
    rules = [line for rule in opinion.broken for line in hanging(rule_line(rule), width)]
    groups = [
        _table(opinion, width),
        _certainty(opinion, width),
        rules or [safe(tr("No rule is broken."))],
        _listed(tr("Not known"), opinion.unknown, width),
        _listed(tr("No known customer was like this"), opinion.outside, width),
        raise_lines(raises, width),
        _card(opinion, policy_version, width),
    ]
    return joined(groups, airy=True)


def raise_lines(raises: Sequence[Raise], width: int) -> Lines:
    """What the cards that the applicant has here could be raised to."""
    lines: Lines = []
    for each in raises:
        words = tr(
            "Card ending in {last4}: a raise from {limit} to {proposed} yuan could be proposed.",
            last4=each.last4,
            limit=amount(each.limit),
            proposed=amount(each.proposed),
        )
        lines += hanging(status("+", words, Tone.GOOD), width)
    return lines


def decision_lines(decisions: Sequence[DecisionView], zone: str, width: int) -> Lines:
    """Decisions with the opinions behind them, as they were."""
    groups: list[Lines] = []
    for each in decisions:
        tone, symbol = PROPOSAL_TONES[each.decision], PROPOSAL_SYMBOLS[each.decision]
        granted = f" {amount(each.limit)}" if each.limit is not None else ""
        head = Content.assemble(
            f"{on_day(each.at, zone)}  ", status(symbol, f"{label(each.decision)}{granted}", tone).stylize("bold"), "  "
        )
        lines = hanging(Content.assemble(head, toned(each.by, Tone.MUTED)), width)
        if each.against:
            words = Content.assemble(tr("Against the opinion"), ": ", safe(_plain(each.against_reason)))
            lines += hanging(toned(words, Tone.WARNING), width)
        if each.note:
            lines += hanging(
                Content.assemble(toned(tr("Staff note"), Tone.MUTED), "  ", safe(_plain(each.note))), width
            )
        groups += [lines, _said(each.opinion, width), why_lines(each.opinion, each.policy_version, width)]
    return joined(groups, airy=True)


def _said(opinion: Opinion, width: int) -> Lines:
    """The opinion in a few lines: what it proposed, and how sure it was."""
    proposed = label(opinion.proposal) + (f" {amount(opinion.limit)}" if opinion.limit is not None else "")
    points = tr("{points:point|points}", points=opinion.points)
    parts = [toned(tr("the aid"), Tone.MUTED), heading(proposed), safe(points), badge(opinion.grade)]
    parts += [safe(default_words(opinion)), *([borderline()] if opinion.borderline else [])]
    return [
        *hanging(Content("  ").join(parts), width),
        *([] if opinion.enough_known else warnings(opinion, width)[-1:]),
    ]


def _table(opinion: Opinion, width: int) -> Lines:
    """A row for each characteristic. The points stand under each other: base first, their sum last."""
    weighed = opinion.weighed or (*opinion.reasons_against, *opinion.reasons_for)
    evidence = _EVIDENCE if any(each.cases for each in weighed) else 0
    said = width - evidence - _BAR - _POINTS - _BEST - 2
    heads = toned(
        Content.assemble(pad("", said), pad(tr("turned bad") if evidence else "", evidence, "right")), Tone.MUTED
    )
    points = toned(pad(tr("points / best"), _BAR + _POINTS + _BEST + 2, "right"), Tone.MUTED)
    lines = [Content.assemble(heads, points)]
    if opinion.weighed:
        lines.append(_sum_row(tr("Everybody starts with"), opinion.base, None, width))
    for each in weighed:
        lines += _weighed(each, said, evidence)
    if opinion.weighed:
        best = opinion.base + sum(each.best for each in weighed)
        lines.append(_sum_row(tr("Points in total"), opinion.points, best, width).stylize("bold"))
    return lines


def _weighed(reason: Reason, said: int, evidence: int) -> Lines:
    full = reason.points >= reason.best
    tone = Tone.GOOD if full else Tone.WARNING if reason.points < 0 else Tone.MUTED
    rows = hanging(safe(tr(reason.template, **reason.values)), said)
    turned = tr("{bad} of {cases}", bad=f"{reason.bad:,}", cases=f"{reason.cases:,}") if reason.cases else ""
    first = Content.assemble(
        pad(rows[0], said),
        toned(pad(turned if evidence else "", evidence, "right"), Tone.MUTED),
        "  ",
        bar(1 if full else reason.points, 1 if full else reason.best, _BAR, tone),
        toned(f"{reason.points:>+{_POINTS}}", tone, bold=True),
        toned(pad(f" /{reason.best:>+4}", _BEST), Tone.MUTED),
    )
    return [first, *rows[1:]]


def _sum_row(words: str, points: int, best: int | None, width: int) -> Content:
    of = f" /{best:>4}" if best is not None else ""
    return Content.assemble(
        pad(words, width - _POINTS - _BEST), f"{points:>{_POINTS}}", toned(pad(of, _BEST), Tone.MUTED)
    )


def _certainty(opinion: Opinion, width: int) -> Lines:
    """How sure the figure is, and whose word it is."""
    if opinion.low == opinion.high:
        return hanging(safe(default_words(opinion)), width)
    sure = tr(
        "Probability of default {percent}; with 80 % certainty between {low} and {high}.",
        percent=percent(opinion.probability),
        low=percent(opinion.low),
        high=percent(opinion.high),
    )
    lines = hanging(safe(sure), width)
    if opinion.borderline:
        words = tr("Borderline: another grade can't be ruled out; the limit follows the worse end.")
        lines += hanging(status("!", words, Tone.WARNING), width)
    return [*lines, *hanging(toned(rests_words(opinion), Tone.MUTED), width)]


def _listed(title: str, codes: tuple[str, ...], width: int) -> Lines:
    return [toned(title, Tone.MUTED), *hanging(safe(f"? {named(codes)}"), width)] if codes else []


def _card(opinion: Opinion, policy_version: int, width: int) -> Lines:
    card = f"{opinion.card} ({opinion.card_hash[:_HASH]})" if opinion.card_hash else opinion.card
    words = tr(
        "Points card {card}, policy version {version}. The aid advises; the decision is yours.",
        card=card,
        version=policy_version,
    )
    return hanging(toned(words, Tone.MUTED), width, indent=0)


def _plain(text: str) -> str:
    return safe_lines(text).plain.replace("\n", " ")
