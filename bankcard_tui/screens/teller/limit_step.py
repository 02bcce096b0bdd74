"""At the counter: another limit, asked for by the customer who stands there."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from bankcard_tui.locale import tr
from bankcard_tui.screens.common.limit_ask import LimitAskScreen
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.services.limit_asking import limit_of_customer
from bankcard_tui.services.limit_views import LimitView
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.labels import amount


def ask_for_limit(screen: TellerScreen, customer: UUID) -> None:
    """Open the form for the only account, or for the one chosen of several."""
    screen.work(lambda: limit_of_customer(screen.desk, customer), partial(_choose, screen), group="limits")


def _choose(screen: TellerScreen, limits: tuple[LimitView, ...]) -> None:
    known = {str(limit.account): limit for limit in limits}

    def opened(account: str | None) -> None:
        if account is not None:
            screen.app.push_screen(LimitAskScreen(known[account], lambda: None))

    if not known:
        screen.say(tr("There is no limit yet: it comes with the first card."))
    elif len(known) == 1:
        opened(next(iter(known)))
    else:
        options = [Option(account, partial(_line, limit)) for account, limit in known.items()]
        screen.app.push_screen(Choose(lambda: tr("The limit of which card?"), options), opened)


def _line(limit: LimitView) -> str:
    return f"{limit.last4}  {amount(limit.limit)}"
