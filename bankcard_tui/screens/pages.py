"""The first-level pages: those of the roles in their order, then the own log. Imported only after sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bankcard_tui.screens import admin, customer, manager, teller
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.screens.common.log import MY_LOG
from bankcard_tui.screens.common.overview import OVERVIEW, OverviewScreen
from bankcard_tui.screens.common.own_account import ACCOUNT, OwnAccountScreen
from bankcard_tui.screens.common.password import PasswordScreen
from bankcard_tui.screens.common.shell import MOST_PAGES
from bankcard_tui.security.permissions import Permission

PACKAGES = (customer, manager, teller, admin)

FROM_MENU: Final[dict[str, Callable[[], DeskScreen]]] = {
    "overview": OverviewScreen,
    "own_account": OwnAccountScreen,
    "password": PasswordScreen,
}
"""What everybody opens from the menu, by the name of the menu's action."""


def pages_for(permissions: frozenset[Permission], second_factor_due: bool = False) -> tuple[Page, ...]:
    """The pages of somebody with these permissions, at most eight: each name once, the overview first where the
    roles bring no home of their own, the own log last. Whoever has to set up a second factor first has the own account.
    """
    if second_factor_due:
        return (ACCOUNT, MY_LOG)
    packaged = [page for package in PACKAGES for page in package.PAGES]
    open_to = [page for page in packaged if permissions.intersection(page.permissions)]
    if all(page.name != "home" for page in open_to):
        open_to.insert(0, OVERVIEW)
    by_name: dict[str, Page] = {}
    for page in open_to:
        by_name.setdefault(page.name, page)
    return (*list(by_name.values())[: MOST_PAGES - 1], MY_LOG)
