"""The manager's pages: review, signatures, limits, warnings, points cards; others as at the counter."""

from __future__ import annotations

from bankcard_tui.locale import mark
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.manager.applications import ApplicationsPage
from bankcard_tui.screens.manager.cards import CardsPage
from bankcard_tui.screens.manager.limits import LimitsPage
from bankcard_tui.screens.manager.queue import ReviewQueue
from bankcard_tui.screens.manager.signatures import SignaturePage
from bankcard_tui.screens.manager.watch import WatchPage
from bankcard_tui.screens.teller.counter import CounterScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.scorecards import SEE_CARDS


class CustomersPage(CounterScreen):
    """The counter's search, as a page of the manager."""

    PAGE = "customers"


_REVIEWERS = (Permission.REVIEW_APPLICATIONS,)
_SIGNERS = (*_REVIEWERS, Permission.SIGN_SECOND, Permission.SIGN_THIRD)

# Asked for by the permission of a manager, so that the counter keeps its own pages in its own order.
PAGES: tuple[Page, ...] = (
    Page("home", mark("Review"), _REVIEWERS, ReviewQueue),
    Page("signatures", mark("To sign"), _SIGNERS, SignaturePage),
    Page("applications", mark("Applications"), _REVIEWERS, ApplicationsPage),
    Page("customers", mark("Customers"), _REVIEWERS, CustomersPage),
    Page("limits", mark("Limits"), (Permission.DECIDE_LIMITS,), LimitsPage),
    Page("watch", mark("Warnings"), (Permission.DECIDE_LIMITS,), WatchPage),
    Page("cards", mark("Points cards"), SEE_CARDS, CardsPage),
)
