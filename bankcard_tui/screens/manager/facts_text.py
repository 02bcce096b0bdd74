"""What the review desk says about the applicant: facts, documents, history, as pairs and lines for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.characteristics import whole_percent
from bankcard_tui.rules.hard_rules import DOCUMENTS
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, IncomeSource
from bankcard_tui.screens.common.explanation import step_badge
from bankcard_tui.services.application_views import ApplicationRow, MoveView, second_look
from bankcard_tui.services.customer_views import CustomerFile, DocumentView
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import ago, amount, badge, day, label
from bankcard_tui.widgets.lined import Lines
from bankcard_tui.widgets.safe import Tone, pad, safe, safe_lines, status, toned, truncate

_NOT_KNOWN: Final = mark("not known")


def header(file: ReviewFile, now: datetime, width: int) -> Content:
    """Whose application this is, on the left; what is wished and since when it waits, on the right."""
    row = file.application.row
    waits = tr("waits {time}", time=ago(row.submitted_at, now))
    right = Content.assemble(
        toned(tr("wishes"), Tone.MUTED), f" {amount(row.wished_limit)}   ", toned(waits, Tone.MUTED)
    )
    room = max(0, width - cell_len(right.plain) - 2)
    name = safe(file.customer.name).stylize("bold")
    facts = [tr("age {age}", age=file.customer.age), row.number, label(row.kind)]
    while len(facts) > 1 and cell_len(name.plain) + sum(cell_len(fact) + 2 for fact in facts) > room:
        facts.pop()
    what = toned("".join(f"  {fact}" for fact in facts), Tone.MUTED)
    left = Content.assemble(truncate(name, max(0, room - cell_len(what.plain))), what)
    return Content.assemble(pad(left, room), "  ", right)


def applicant_lines(file: ReviewFile, zone: str, width: int) -> Lines:
    """The applicant's documents and circumstances, what weighs most first."""
    customer = file.customer
    pairs: list[Pair] = [
        *_papers(file, zone),
        *_means(customer, zone),
        *_duties(customer),
        *_cards(file),
        *_work(customer),
    ]
    if file.application.note:
        pairs.append((mark("Note"), file.application.note))
    return fact_lines([*_second_look(file, zone), *pairs], width)


def customer_lines(customer: CustomerFile, zone: str, width: int) -> Lines:
    """The identity, documents and circumstances of a customer who applies for nothing."""
    papers: list[Content | str] = [_document(each) for each in _newest(customer.documents)] or [tr("none")]
    labels = [mark("Documents"), *[""] * (len(papers) - 1)]
    limits = ", ".join(amount(card.limit) for card in customer.cards)
    pairs: list[Pair] = [
        (mark("Identity"), _identity(customer, zone)),
        *_means(customer, zone),
        *_duties(customer),
        (mark("Cards here"), limits),
        *_work(customer),
        *zip(labels, papers, strict=True),
    ]
    return fact_lines(pairs, width)


def history_lines(file: ReviewFile, zone: str, width: int) -> Lines:
    """Earlier applications with their outcomes, and the steps of this one."""
    earlier = [row for row in file.customer.applications if row.id != file.application.row.id]
    lines = [toned(tr("Earlier applications"), Tone.MUTED)]
    for row in earlier:
        lines += _indented(application_line(row, zone), width)
    if not earlier:
        lines.append(safe(tr("None: this is the first.")))
    lines += [Content(), toned(tr("Steps of this one"), Tone.MUTED)]
    moves = file.application.moves
    for place in range(len(moves)):
        lines += _indented(_step(moves, place, zone), width)
    return lines


def on_day(value: datetime, zone: str) -> str:
    """The calendar day at the branch."""
    return day(value.astimezone(ZoneInfo(zone)).date())


def missing_documents(file: ReviewFile) -> list[str]:
    """A sentence for each required document that nobody has seen, in the language in use."""
    broken = file.advice.opinion.broken
    return [tr(rule.template, **rule.values) for rule in broken if rule.rule == DOCUMENTS]


def _work(customer: CustomerFile) -> list[Pair]:
    known = customer.circumstances
    kind = label(known.employer_kind) if known.employer_kind else ""
    years = tr("{years:year|years}", years=known.years_employed) if known.years_employed is not None else ""
    employer = ", ".join(part for part in (kind, years) if part)
    return [
        (mark("Occupation"), label(known.occupation) if known.occupation else _unknown()),
        (mark("Employer"), known.employer or (employer or _unknown())),
        *([("", employer)] if known.employer and employer else []),
        (mark("Housing"), label(known.housing) if known.housing else _unknown()),
    ]


def _means(customer: CustomerFile, zone: str) -> list[Pair]:
    known = customer.circumstances
    income = tr("{amount} a month", amount=known.monthly_income) if known.monthly_income is not None else _unknown()
    pairs: list[Pair] = [(mark("Earnings"), income)]
    if known.income_source is not None:
        weak = known.income_source is IncomeSource.DECLARED
        source = label(known.income_source)
        pairs.append(("", status("!", source, Tone.WARNING) if weak else source))
    if known.monthly_income is not None:
        pairs.append((mark("Checked by"), _income_check(customer, zone)))
    owned = [each for each in (known.deposits, known.other_assets) if each is not None]
    assets = " + ".join(amount(each) for each in owned)
    return [*pairs, (mark("Assets"), assets or _unknown())]


def _income_check(customer: CustomerFile, zone: str) -> Content:
    if customer.income_checked_at is None:
        return status("!", tr("nobody (press i)"), Tone.WARNING)
    when = on_day(customer.income_checked_at, zone)
    return status("+", f"{_plain(customer.income_checked_by)}, {when}", Tone.GOOD)


def _duties(customer: CustomerFile) -> list[Pair]:
    known = customer.circumstances
    security = label(known.security) if known.security else _unknown()
    if known.security and known.security_note:
        security = f"{security}: {known.security_note}"
    return [
        *([(mark("Debts"), amount(known.liabilities))] if known.liabilities else []),
        (mark("Debt service"), _debt_service(known.monthly_debt, known.monthly_income)),
        (mark("Other cards"), amount(known.other_limits) if known.other_limits is not None else _unknown()),
        (mark("Overdue"), _overdue(known.times_overdue)),
        (mark("Security"), security),
    ]


def _debt_service(paid: Money | None, income: Money | None) -> str | Content:
    if paid is None:
        return _unknown()
    if not income:
        return amount(paid)
    return f"{amount(paid)} ({whole_percent(paid, income)} %)"


def _overdue(times: int | None) -> str | Content:
    if times is None:
        return _unknown()
    if times == 0:
        return tr("never in 12 months")
    return status("!", tr("{times:time|times} in 12 months", times=times), Tone.WARNING)


def _cards(file: ReviewFile) -> list[Pair]:
    limits = ", ".join(amount(card.limit) for card in file.customer.cards)
    raises = (
        status("+", tr("A raise to {amount} yuan could be proposed", amount=amount(each.proposed)), Tone.GOOD)
        for each in file.advice.raises
    )
    return [*([(mark("Cards here"), limits)] if limits else []), *(("", each) for each in raises)]


def _papers(file: ReviewFile, zone: str) -> list[Pair]:
    customer = file.customer
    missing = len(missing_documents(file))
    found = [
        *(_document(each) for each in _newest(customer.documents)),
        *([status("x", tr("{count} missing", count=missing), Tone.BAD)] if missing else []),
    ]
    earlier = [row for row in customer.applications if row.id != file.application.row.id]
    labels = [mark("Documents"), *[""] * (len(found) - 1)]
    return [
        (mark("Earlier"), _earlier(earlier, zone)),
        (mark("Identity"), _identity(customer, zone)),
        *(zip(labels, found, strict=True) if found else [(mark("Documents"), tr("none"))]),
    ]


def _identity(customer: CustomerFile, zone: str) -> Content:
    if customer.verified_at is not None and not customer.claim:
        return status("+", tr("verified {day}", day=on_day(customer.verified_at, zone)), Tone.GOOD)
    return status("x", tr("not verified"), Tone.BAD)


def _newest(documents: Sequence[DocumentView]) -> list[DocumentView]:
    """One document of each kind: one whose original was seen before others, then the newest."""
    kept: dict[str, DocumentView] = {}
    for each in documents:
        if each.kind not in kept or (each.verified_at and not kept[each.kind].verified_at):
            kept[each.kind] = each
    return list(kept.values())


def _document(document: DocumentView) -> Content:
    if document.verified_at is not None:
        return status("+", label(document.kind), Tone.GOOD)
    return status("!", tr("{document}: original not seen", document=label(document.kind)), Tone.WARNING)


def _earlier(rows: Sequence[ApplicationRow], zone: str) -> str | Content:
    if not rows:
        return tr("first application")
    newest = rows[0]
    when = on_day(newest.decided_at or newest.submitted_at, zone)
    return Content.assemble(badge(newest.status), f" {when}", f" (+{len(rows) - 1})" if len(rows) > 1 else "")


def application_line(row: ApplicationRow, zone: str) -> Content:
    """An application in one line: when, how it stands, how much, which card."""
    when = on_day(row.decided_at or row.submitted_at, zone)
    limit = row.approved_limit if row.status is ApplicationStatus.APPROVED else row.wished_limit
    return Content.assemble(f"{when}  ", badge(row.status), f"  {amount(limit or row.wished_limit)}  {label(row.kind)}")


def _second_look(file: ReviewFile, zone: str) -> list[Pair]:
    """What the customer says about a refusal, and who had refused it and why; nothing where no other look was asked
    for.
    """
    pair = second_look(file.application.moves)
    if pair is None:
        return []
    refusal, asking = pair
    why = "; ".join([*(label(reason) for reason in refusal.reasons), *filter(None, [_plain(refusal.note)])])
    by = f"{_plain(refusal.by)}, {on_day(refusal.at, zone)}: {why}"
    return [
        (mark("Asked again"), status("!", _plain(asking.note), Tone.WARNING)),
        (mark("Refused by"), by),
    ]


def _step(moves: Sequence[MoveView], place: int, zone: str) -> Content:
    step = moves[place]
    notes = (_plain(note) for note in (step.note, step.internal) if note)
    said = "; ".join([*(label(reason) for reason in step.reasons), *notes])
    line = Content.assemble(f"{on_day(step.at, zone)}  ", step_badge(moves, place), "  ", toned(step.by, Tone.MUTED))
    return Content.assemble(line, ": " if said else "", safe(said))


def _indented(line: Content, width: int) -> Lines:
    """``line`` wrapped; what follows the first row stands two cells in."""
    rows = line.wrap(max(4, width - 2))
    return [rows[0], *(Content.assemble("  ", row) for row in rows[1:])] if rows else [line]


def _unknown() -> Content:
    return toned(tr(_NOT_KNOWN), Tone.MUTED)


def _plain(text: str) -> str:
    return safe_lines(text).plain.replace("\n", " ")
