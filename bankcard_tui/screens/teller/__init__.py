"""The teller's screens: the counter."""

from __future__ import annotations

from bankcard_tui.locale import mark
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.teller.applications import ApplicationsScreen
from bankcard_tui.screens.teller.cards import CardsScreen
from bankcard_tui.screens.teller.claims import ClaimsScreen
from bankcard_tui.screens.teller.counter import CounterScreen
from bankcard_tui.screens.teller.register import RegisterScreen
from bankcard_tui.security.permissions import Permission

PAGES: tuple[Page, ...] = (
    Page("home", mark("Counter"), (Permission.FIND_CUSTOMERS,), CounterScreen),
    Page("register", mark("Register"), (Permission.REGISTER_CUSTOMERS,), RegisterScreen),
    Page("cards", mark("Cards"), (Permission.HAND_OVER_CARDS,), CardsScreen),
    Page("claims", mark("Claims"), (Permission.VERIFY_IDENTITY,), ClaimsScreen),
    Page("applications", mark("Applications"), (Permission.SEE_APPLICATIONS,), ApplicationsScreen),
)
