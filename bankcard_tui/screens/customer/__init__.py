"""The pages of a customer."""

from __future__ import annotations

from bankcard_tui.locale import mark
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.customer.applications import ApplicationsScreen
from bankcard_tui.screens.customer.cards import CardsScreen
from bankcard_tui.screens.customer.home import HomeScreen
from bankcard_tui.screens.customer.profile import ProfileScreen
from bankcard_tui.security.permissions import Permission

PAGES: tuple[Page, ...] = (
    Page("home", mark("Start"), (Permission.OWN_PROFILE,), HomeScreen),
    Page("apply", mark("Apply"), (Permission.OWN_APPLICATIONS,), ApplicationsScreen),
    Page("profile", mark("Profile"), (Permission.OWN_PROFILE,), ProfileScreen),
    Page("cards", mark("Cards"), (Permission.OWN_CARDS,), CardsScreen),
)
