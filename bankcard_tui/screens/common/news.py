"""What others did to somebody's account since the sign-in before: told once, right after signing in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bankcard_tui.locale import tr
from bankcard_tui.services.own_account import AccountNews
from bankcard_tui.widgets.action_labels import action_label
from bankcard_tui.widgets.dialogs import Message
from bankcard_tui.widgets.labels import moment


def news_dialog(news: tuple[AccountNews, ...], zone: str) -> Message:
    """Each thing on a line, with when and by whom; ``zone`` is that of the branch."""

    def line(each: AccountNews) -> str:
        time, action = moment(each.at, ZoneInfo(zone)), action_label(each.action)
        if each.by:
            return tr("{time}  {action}: {name}", time=time, action=action, name=each.by)
        return tr("{time}  {action}: at the sign-in screen", time=time, action=action)

    def told() -> str:
        lines = [line(each) for each in news]
        return "\n".join([*lines, "", tr("If you did not ask for this, tell an administrator at once.")])

    return Message(lambda: tr("Since your last sign-in, on your account"), told)
