"""The life of an application: which moves there are, which documents it needs, who may apply again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bankcard_tui.errors import Conflict
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
    ApplicationStatus.REFUSED: frozenset(),
    ApplicationStatus.WITHDRAWN: frozenset(),
}
"""Where each status can go; from in review to submitted means that the reviewer let go of it."""

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
