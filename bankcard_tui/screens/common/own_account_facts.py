"""What the page of the own account says, and which of its steps can be taken now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from textual.content import Content

from bankcard_tui.desk.desk import Desk
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import STAFF_ROLES
from bankcard_tui.services import channels, own_account, second_factor
from bankcard_tui.services.channels import ChannelView, OwnChannels
from bankcard_tui.services.own_account import OwnAccount
from bankcard_tui.services.second_factor import SecondFactorView
from bankcard_tui.services.sign_in import Who, me
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import english
from bankcard_tui.widgets.safe import Tone, status

FEW_CODES: Final = 3

Part = tuple[list[Pair], dict[str, str]]
"""What a part says, and the actions below it with their words (English, marked)."""

CHANGES: Final = frozenset({"set_up", "new_codes", "drop", "channel", "enter_code", "remove", "paper"})
"""The actions that are not there for everybody at every time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the page shows."""

    who: Who
    account: OwnAccount
    factor: SecondFactorView
    channels: OwnChannels


def look(desk: Desk) -> Standing:
    """Where the person at ``desk`` stands, at this moment."""
    return Standing(me(desk), own_account.mine(desk), second_factor.mine(desk), channels.mine(desk))


def offered(standing: Standing) -> frozenset[str]:
    """Those of CHANGES that can be done now."""
    factor, own = standing.factor, standing.channels
    can = {
        "set_up": standing.who.role in STAFF_ROLES,
        "new_codes": factor.since is not None,
        "drop": factor.since is not None and not factor.demanded,
        "channel": True,
        "enter_code": own.waiting is not None,
        "remove": own.confirmed is not None or own.waiting is not None,
        "paper": standing.account.recovery_codes_left is not None,
    }
    return frozenset(action for action, now in can.items() if now)


def parts(standing: Standing, at: Callable[[datetime], str]) -> dict[str, Part]:
    """Every part of the page by its id; one without facts is not shown. ``at`` writes a moment."""
    return {
        "password": _password(standing, at),
        "factor": _factor(standing, at),
        "channel": _channel(standing.channels, at),
        "paper": _paper(standing.account),
    }


def _password(standing: Standing, at: Callable[[datetime], str]) -> Part:
    since = standing.account.password_since
    return [(mark("In use since"), at(since) if since else "")], {"password": mark("change it")}


def _factor(standing: Standing, at: Callable[[datetime], str]) -> Part:
    factor = standing.factor
    if standing.who.role not in STAFF_ROLES:
        return [], {}
    if factor.since is None:
        stands = status("", tr("not set up"), Tone.WARNING if factor.demanded else Tone.MUTED)
    else:
        stands = status("", tr("in force since {time}", time=at(factor.since)), Tone.GOOD)
    pairs: list[Pair] = [(mark("App on the phone"), stands)]
    if factor.since is not None:
        pairs.append((mark("Recovery codes left"), _left(factor.codes_left)))
    if factor.demanded:
        pairs.append((mark("Policy"), tr("demands it of your role")))
    words = mark("set it up") if factor.since is None else mark("move to another phone")
    return pairs, {"set_up": words, "new_codes": mark("new recovery codes"), "drop": mark("do without it")}


def _channel(own: OwnChannels, at: Callable[[datetime], str]) -> Part:
    pairs: list[Pair] = []
    if own.altered:
        altered = tr("Somebody has changed your channel in the store: it is not used.")
        pairs.append((mark("Altered"), status("", altered, Tone.BAD)))
    pairs += [(english(each.kind), _stands(each, at)) for each in (own.confirmed, own.waiting) if each is not None]
    if not pairs:
        none = tr("none: with a forgotten password you need half-codes from two colleagues of the bank")
        pairs.append((mark("Address or number"), status("", none, Tone.MUTED)))
    words = mark("give another one") if own.confirmed or own.waiting else mark("give one")
    entered = mark("enter the code that was sent")
    return pairs, {"channel": words, "enter_code": entered, "remove": mark("remove it")}


def _stands(channel: ChannelView, at: Callable[[datetime], str]) -> Content:
    """An address and whether it is confirmed."""
    until = channel.code_expires_at
    stands = (
        status("", tr("waits for its code until {time}", time=at(until)), Tone.WARNING)
        if until is not None
        else status("", tr("confirmed"), Tone.GOOD)
    )
    return Content.assemble(channel.address, "   ", stands)


def _paper(account: OwnAccount) -> Part:
    left = account.recovery_codes_left
    return ([], {}) if left is None else ([(mark("Recovery codes left"), _left(left))], {"paper": mark("new ones")})


def _left(number: int) -> Content:
    """How many codes are left; few of them are a warning."""
    return Content(str(number)) if number > FEW_CODES else status("", str(number), Tone.WARNING)
