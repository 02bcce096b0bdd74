"""What a customer's file shows: each part as pairs of label and value."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardStatus
from bankcard_tui.screens.common.reached import reached_by
from bankcard_tui.screens.teller.counter import identity_badge
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.customer_views import CustomerFile, DocumentView
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import amount, badge, count, day, english, label
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned, truncate

LONGEST_NAME: Final = 200
"""Cells of a name in the header: 100 Chinese characters, the most that a name can have."""


def header(screen: TellerScreen, file: CustomerFile) -> Content:
    """Who this is, in two lines: name, ID, age; how sure the bank is of it, and the phone."""
    born = tr("born {date}, {age:year|years}", date=day(file.birth_date), age=file.age)
    first = Content.assemble(
        heading(truncate(file.name, LONGEST_NAME)), "   ", safe(f"ID {file.id_number[-8:]}"), "   ", born
    )
    badge_of_identity = identity_badge(verified=file.verified_at is not None, claim=file.claim)
    parts: list[Content] = [badge_of_identity]
    if file.verified_at is not None:
        seen = tr("by {name} on {date}", name=file.verified_by, date=screen.on_day(file.verified_at))
        parts.append(toned(seen, Tone.MUTED))
    if file.claim_on_known:
        parts.append(toned(tr("the bank knows this ID number already"), Tone.WARNING))
    parts.append(safe(file.contact.phone))
    return Content.assemble(first, "\n", Content("   ").join(parts))


def circumstances(screen: TellerScreen, file: CustomerFile) -> list[Pair]:
    """What the customer lives on, owns and owes, with the check of the income."""
    own = file.circumstances
    if own == Circumstances():
        return []
    if own.monthly_income is None:
        checked: object = ""
    elif file.income_checked_at is None:
        checked = status("!", tr("not checked"), Tone.WARNING)
    else:
        seen = tr("by {name} on {date}", name=file.income_checked_by, date=screen.on_day(file.income_checked_at))
        checked = Content.assemble(status("+", tr("checked"), Tone.GOOD), " ", toned(seen, Tone.MUTED))
    return [
        (mark("Monthly income"), _money(own.monthly_income)),
        (mark("Income source"), _word(own.income_source)),
        (mark("Income check"), checked),
        (mark("Employer"), own.employer),
        (mark("Kind of employer"), _word(own.employer_kind)),
        (mark("Occupation"), _word(own.occupation)),
        (mark("Years employed"), _number(own.years_employed)),
        (mark("Housing"), _word(own.housing)),
        (mark("Deposits here"), _money(own.deposits)),
        (mark("Other assets"), _money(own.other_assets)),
        (mark("Liabilities"), _money(own.liabilities)),
        (mark("Monthly debt"), _money(own.monthly_debt)),
        (mark("Other card limits"), _money(own.other_limits)),
        (mark("Times overdue"), _number(own.times_overdue)),
        (mark("Security"), _security(file)),
    ]


def contact(file: CustomerFile) -> list[Pair]:
    """How the customer can be reached."""
    own = file.contact
    return [
        (mark("Phone"), own.phone),
        (mark("E-mail"), own.email),
        (mark("Address"), own.address),
        (mark("Channels accepted"), reached_by(own)),
    ]


def original_badge(document: DocumentView) -> Content:
    """Whether the original was seen."""
    if document.verified_at is None:
        return status("!", tr("original not seen"), Tone.WARNING)
    return status("+", tr("seen"), Tone.GOOD)


def _seen(screen: TellerScreen, document: DocumentView) -> Content:
    if document.verified_at is None:
        return original_badge(document)
    seen = tr("by {name} on {date}", name=document.verified_by, date=screen.on_day(document.verified_at))
    return Content.assemble(original_badge(document), " ", toned(seen, Tone.MUTED))


def documents(screen: TellerScreen, file: CustomerFile) -> list[Pair]:
    """The documents, each with its reference and whether the original was seen."""
    return [
        (english(each.kind), Content.assemble(safe(each.reference), "   ", _seen(screen, each)))
        for each in file.documents
    ]


def applications(screen: TellerScreen, rows: Sequence[ApplicationRow]) -> list[Pair]:
    """The applications under their numbers."""
    return [
        (
            row.number,
            Content.assemble(
                badge(row.status),
                "  ",
                label(row.kind),
                "  ",
                tr("wish {amount}", amount=amount(row.wished_limit)),
                "  ",
                toned(screen.on_day(row.submitted_at), Tone.MUTED),
            ),
        )
        for row in rows
    ]


def cards(rows: Sequence[CardView]) -> list[Pair]:
    """The cards under the end of their numbers."""
    return [
        (
            row.number[-9:],
            Content.assemble(
                badge(row.status),
                "  ",
                label(row.kind),
                "  ",
                tr("limit {amount}", amount=amount(row.limit)),
                "  ",
                toned(tr("until {date}", date=f"{row.expires_on:%Y-%m}"), Tone.MUTED),
            ),
        )
        for row in rows
    ]


def checks(screen: TellerScreen, file: CustomerFile) -> list[Pair]:
    """What was witnessed, the newest first."""
    witnesses = (
        ("saw_person", mark("person")),
        ("saw_documents", mark("documents")),
        ("saw_signature", mark("signature")),
    )
    pairs: list[Pair] = []
    for check in file.checks:
        seen = [tr(word) for name, word in witnesses if getattr(check, name)]
        tone, symbol = (Tone.GOOD, "+") if len(seen) == len(witnesses) else (Tone.WARNING, "!")
        said = status(symbol, ", ".join(seen) or tr("nothing seen"), tone)
        pairs.append((screen.at(check.checked_at), Content.assemble(said, "   ", toned(check.checked_by, Tone.MUTED))))
    return pairs


def account(screen: TellerScreen, file: CustomerFile) -> list[Pair]:
    """The sign-in account and the registration."""
    if file.account_id is None:
        stands: object = tr("none")
    elif file.waits_for_activation:
        stands = status("!", tr("waits for activation"), Tone.WARNING)
    else:
        stands = status("+", tr("activated"), Tone.GOOD)
    by = file.registered_by or tr("the customer alone")
    return [
        (mark("User name"), file.username),
        (mark("Account"), stands),
        (mark("Last sign-in"), screen.at(file.last_sign_in_at) if file.last_sign_in_at else ""),
        (mark("Registered"), tr("{moment} by {name}", moment=screen.at(file.registered_at), name=by)),
    ]


def to_do(file: CustomerFile) -> list[tuple[str, str, str]]:
    """What is still missing: the action of the file's screen, its key, and the words (English, marked)."""
    statuses = [row.status for row in file.applications]
    held = [row.status for row in file.cards]
    told = file.circumstances.monthly_income is not None and file.circumstances.income_source is not None
    found = [
        (file.claim_on_known, "settle", "s", mark("settle the claim")),
        (file.verified_at is None and not file.claim_on_known, "witness", "v", mark("three witnesses")),
        (bool(file.missing_documents), "documents", "d", mark("documents")),
        (
            any(each.verified_at is None for each in file.documents) and not file.missing_documents,
            "documents",
            "d",
            mark("see originals"),
        ),
        (told and file.income_checked_at is None, "check_income", "i", mark("income check")),
        (not told, "circumstances", "e", mark("income and its source")),
        (ApplicationStatus.RETURNED in statuses, "applications", "p", mark("returned application")),
        (CardStatus.ISSUED in held, "hand_over", "h", mark("hand over the card")),
        (CardStatus.HANDED_OVER in held, "activate", "t", mark("activate the card")),
        (file.waits_for_activation, "code", "o", mark("activation code")),
    ]
    return [(action, key, words) for missing, action, key, words in found if missing]


def _money(value: Money | None) -> str:
    return amount(value) if value is not None else ""


def _number(value: int | None) -> str:
    return count(value) if value is not None else ""


def _word(value: StrEnum | None) -> str:
    return label(value) if value is not None else ""


def _security(file: CustomerFile) -> str:
    own = file.circumstances
    return " - ".join(part for part in (_word(own.security), own.security_note) if part)
