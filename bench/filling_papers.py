"""Applications and all that hangs on them: moves, decisions, documents, cards, outcomes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from bankcard_tui.rules.card_numbers import card_number
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.scorecard import Value
from bankcard_tui.rules.terms import EmployerKind, Housing, Occupation
from bankcard_tui.services.applications import number_of
from bankcard_tui.services.cards import NUMBER_LABEL
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import moment_of
from bench.filling_ids import Applicant, new_id

if TYPE_CHECKING:
    from bench.filling import Filling

MINUTE = 60_000_000
KINDS = {"employer_kind": EmployerKind, "occupation": Occupation, "housing": Housing}


class Papers:
    """Adds the applications; the decided ones carry the opinion of the one that was decided by operations."""

    def __init__(self, filling: Filling, decided: int) -> None:
        self.filling = filling
        self.decided = decided
        self.applied = 0
        self.opinion, facts, self.grade = filling.connection.execute(
            "SELECT opinion, facts, grade FROM application_decision"
        ).fetchone()
        self.facts: dict[str, Value] = json.loads(facts)
        self.card = expert_card(DEFAULT_POLICY)

    def add(self, person: Applicant) -> None:
        """The application of a customer, with documents, identity check and what came of it."""
        number = self.applied
        self.applied += 1
        waits = number >= self.decided
        status = "submitted" if waits else "approved" if number % 3 else "refused"
        at = person.at + MINUTE
        id = UUID(bytes=new_id(at))
        decided = None if waits else at + 30 * MINUTE
        limit = 1_000_000 if status == "approved" else None
        reviewer = None if waits else self.filling.manager
        self.filling.add(
            "application",
            "id branch_id customer_id number kind purpose wished_limit embossed_name note status submitted_at"
            " entered_by reviewer_id decided_at approved_limit version",
            [
                (
                    id.bytes,
                    self.filling.branch,
                    person.customer,
                    number_of(id, moment_of(at).date()),
                    "consumer",
                    "everyday",
                    1_000_000,
                    "ZHANG WEI",
                    "",
                    status,
                    at,
                    person.account,
                    reviewer,
                    decided,
                    limit,
                    1 if waits else 3,
                )
            ],
        )
        moves = [(at, person.account, "submitted")]
        if decided is not None:
            moves += [(at + 10 * MINUTE, self.filling.manager, "in_review"), (decided, self.filling.manager, status)]
            self._decide(person, id, status, decided, limit)
        self.filling.add(
            "application_move",
            "id application_id at account_id status reason note",
            ((new_id(at), id.bytes, at, by, status, "", "") for at, by, status in moves),
        )
        self.filling.add(
            "document",
            "id customer_id kind reference added_by added_at verified_by verified_at",
            (
                (new_id(at), person.customer, kind, "ref", self.filling.teller, at, self.filling.teller, at)
                for kind in ("id_card", "income_proof")
            ),
        )
        self.filling.add(
            "identity_check",
            "id customer_id saw_person saw_documents saw_signature checked_by checked_at",
            [(new_id(at), person.customer, 1, 1, 1, self.filling.teller, at)],
        )

    def _facts(self) -> dict[str, Value]:
        """What was known of somebody, in the characteristics of the one whom operations decided on."""
        chance, choice = self.filling.random.randrange, self.filling.random.choice
        return self.facts | {
            "age": chance(20, 65),
            "monthly_income": chance(3_000, 40_000),
            "assets": chance(500_000),
            "debt_service_percent": chance(55),
            "times_overdue": choice((0, 0, 0, 1, 2)),
            "years_employed": chance(30),
            **{code: str(choice(list(kind))) for code, kind in KINDS.items()},
        }

    def _decide(self, person: Applicant, application: UUID, status: str, at: int, limit: int | None) -> None:
        facts = self._facts()
        points = self.card.score(facts).points
        self.filling.add(
            "application_decision",
            "id application_id at account_id decision grade limit_granted reasons note against against_reason points"
            " opinion facts card policy_version",
            [
                (
                    new_id(at),
                    application.bytes,
                    at,
                    self.filling.manager,
                    "approve" if limit else "refuse",
                    self.grade,
                    limit,
                    "",
                    "",
                    0,
                    "",
                    points,
                    self.opinion,
                    json.dumps(facts),
                    self.card.name,
                    1,
                )
            ],
        )
        if limit is None:
            return
        account, card = new_id(at), UUID(bytes=new_id(at))
        self.filling.add(
            "card_account",
            "id branch_id customer_id application_id credit_limit grade opened_at policy_version",
            [
                (
                    account,
                    self.filling.branch,
                    person.customer,
                    application.bytes,
                    limit,
                    self.grade,
                    at,
                    1,
                )
            ],
        )
        number = card_number("622222", self.applied)
        self.filling.add(
            "card",
            "id branch_id card_account_id kind number_sealed number_index last4 embossed_name expires_on status"
            " issued_at version",
            [
                (
                    card.bytes,
                    self.filling.branch,
                    account,
                    "consumer",
                    seal(self.filling.keys, NUMBER_LABEL, card, number),
                    self.filling.keys.blind_index("card_number", number),
                    number[-4:],
                    "ZHANG WEI",
                    "2031-03-31",
                    "issued" if self.applied % 20 == 0 else "active",
                    at,
                    1,
                )
            ],
        )
        if self.applied % 2:
            bad = self.filling.random.random() < 0.08
            self.filling.add(
                "outcome",
                "id branch_id customer_id card_account_id started_on facts points months_observed worst_days_past_due"
                " bad matured_at",
                [
                    (
                        account,
                        self.filling.branch,
                        person.customer,
                        account,
                        moment_of(at).date().isoformat(),
                        json.dumps(facts),
                        points,
                        12,
                        95 if bad else 0,
                        bad,
                        at,
                    )
                ],
            )
