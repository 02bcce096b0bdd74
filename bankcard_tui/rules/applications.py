"""The life of an application: which moves there are, which documents it needs, who may apply again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bankcard_tui.errors import Conflict, Refused
from bankcard_tui.locale import mark
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, DocumentKind

MOVES: dict[ApplicationStatus, frozenset[ApplicationStatus]] = {
    ApplicationStatus.SUBMITTED: frozenset({ApplicationStatus.IN_REVIEW, ApplicationStatus.WITHDRAWN}),
    ApplicationStatus.IN_REVIEW: frozenset(
        {
            ApplicationStatus.SUBMITTED,
            ApplicationStatus.RETURNED,
            ApplicationStatus.APPROVED,
            ApplicationStatus.REFUSED,
            ApplicationStatus.WITHDRAWN,
        }
    ),
    ApplicationStatus.RETURNED: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
    ApplicationStatus.APPROVED: frozenset(),
    ApplicationStatus.REFUSED: frozenset({ApplicationStatus.SUBMITTED}),
    ApplicationStatus.WITHDRAWN: frozenset(),
}
"""Where each status can go.

From in review to submitted means that the reviewer let go of it, from refused to submitted that the customer has asked
for another look.
"""

OPEN = frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW, ApplicationStatus.RETURNED})
"""The statuses in which the bank or the customer still has something to do."""

# Sentence and hint for every move that a status does not have.
_STANDS: dict[ApplicationStatus, tuple[str, str]] = {
    ApplicationStatus.SUBMITTED: (
        mark("This application waits for a reviewer."),
        mark("Claim it in the review queue first."),
    ),
    ApplicationStatus.IN_REVIEW: (
        mark("This application is in review already."),
        mark("Take another one from the review queue."),
    ),
    ApplicationStatus.RETURNED: (
        mark("This application was returned for more documents."),
        mark("It can be reviewed when it has been submitted again."),
    ),
    ApplicationStatus.APPROVED: (
        mark("This application has been approved."),
        mark("A decision stands; open the application to see it."),
    ),
    ApplicationStatus.REFUSED: (
        mark("This application has been refused."),
        mark("A decision stands; the customer can apply again."),
    ),
    ApplicationStatus.WITHDRAWN: (
        mark("This application has been withdrawn."),
        mark("The customer can apply again."),
    ),
}


def check_move(old: ApplicationStatus, new: ApplicationStatus) -> None:
    """Raises Conflict, saying how the application stands, unless it can go from ``old`` to ``new``."""
    if new not in MOVES[old]:
        sentence, hint = _STANDS[old]
        raise Conflict(sentence, hint=hint)


def missing_documents(kind: CardKind, verified: Collection[DocumentKind], policy: Policy) -> tuple[DocumentKind, ...]:
    """The documents that ``kind`` requires and nobody has ``verified`` yet, in the order of the policy.

    Raises KeyError for a kind that the policy does not list: no list is not the same as no documents.
    """
    return tuple(document for document in policy.required_documents[kind] if document not in verified)


def may_apply(statuses_of_earlier: Sequence[ApplicationStatus]) -> None:
    """Raises Conflict while one of the customer's earlier applications is open; otherwise they can apply (again)."""
    if not OPEN.isdisjoint(statuses_of_earlier):
        raise Conflict(
            "There is an open application already.", hint="Wait for its decision or withdraw it, then apply again."
        )


def last_day_to_ask_again(refused_on: date, policy: Policy) -> date:
    """The last day on which a customer can ask for another look at what was refused."""
    return refused_on + timedelta(days=policy.reconsider_days)


def may_ask_again(
    steps: Sequence[ApplicationStatus],
    statuses_of_others: Sequence[ApplicationStatus],
    refused_on: date | None,
    today: date,
    policy: Policy,
) -> None:
    """Check that the customer can ask for another look at an application with these ``steps``.

    It stands refused since ``refused_on`` (None: it does not), nobody has asked before, the decision is young enough,
    and none of the customer's other applications is open. Raises Conflict for a state, Refused for a rule.
    """
    if refused_on is None:
        raise Conflict(
            "Only a refused application can be looked at again.",
            hint="Open the application to see how it stands.",
            code="conflict.not_refused",
        )
    if steps.count(ApplicationStatus.REFUSED) > 1:
        raise Refused(
            "This application has been looked at again already.",
            hint="The second decision stands. A new application gets a decision of its own.",
            code="refused.asked_before",
        )
    if today > last_day_to_ask_again(refused_on, policy):
        raise Refused(
            "The decision is more than {count:day|days} old.",
            hint="A new application gets a decision of its own.",
            code="refused.asked_too_late",
            count=policy.reconsider_days,
        )
    may_apply(statuses_of_others)
