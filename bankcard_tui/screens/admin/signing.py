"""Signing what another admin asks for: who may, and the words for it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from textual.content import Content

from bankcard_tui.desk.results import RequestView
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.screens.common.signing import Signing
from bankcard_tui.services.admin_requests import AdminRow
from bankcard_tui.widgets.action_labels import action_label
from bankcard_tui.widgets.dialogs import Words
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import badge, count, label, moment
from bankcard_tui.widgets.permission_labels import permission_label
from bankcard_tui.widgets.safe import Tone, safe, status, toned


class AdminSigning(Signing[AdminRow]):
    """Offers to sign, to refuse and to take back what needs a second admin."""

    sign_title = mark("Sign this request?")
    refused_hint = mark("The colleague who asked reads it in the log.")

    def can_sign(self, row: AdminRow) -> bool:
        return row.mine_to_sign

    def can_refuse(self, row: AdminRow) -> bool:
        return row.mine_to_sign

    def describe(self, row: AdminRow) -> str:
        lines = [title_of(row)]
        lines += [safe(value).plain if not name else f"{tr(name)}: {safe(value).plain}" for name, value in asked(row)]
        lines.append(tr("Asked by {name}, {time}", name=row.request.maker, time=self.time(row.request.made_at)))
        return "\n".join(lines)

    def refusal(self, row: AdminRow) -> tuple[Words, Words]:
        return partial(tr, mark("Refuse to sign: {name}"), name=title_of(row)), partial(
            tr, mark("Asked by {name}, {time}"), name=row.request.maker, time=self.time(row.request.made_at)
        )

    def outcome(self, row: AdminRow, request: RequestView) -> Content:
        what = Content.assemble(safe(title_of(row)), "  ")
        if request.status is RequestStatus.PENDING:
            words = tr("signed, {signed} of {needed}", signed=request.signed, needed=request.needed)
            return Content.assemble(what, status("~", words, Tone.ACCENT))
        if request.status is RequestStatus.DONE:
            return Content.assemble(what, status("+", tr("signed and done"), Tone.GOOD))
        if request.status is RequestStatus.FAILED:
            failed = status("x", tr("signed, but it does not hold any more:"), Tone.BAD)
            return Content.assemble(what, failed, " ", safe(" ".join(map(say, request.problem))))
        return Content.assemble(what, badge(request.status), "  ", toned(tr("nothing is changed"), Tone.MUTED))

    def time(self, at: datetime) -> str:
        """The time at the branch."""
        return moment(at, ZoneInfo(self._screen.zone))

    def facts(self, row: AdminRow) -> list[Pair]:
        """Everything about a request, for the opened one."""
        request = row.request
        return [
            (mark("Request"), action_label(request.operation)),
            *([(mark("Account"), f"{row.name} ({row.username})")] if row.username else []),
            *asked(row),
            ("", " "),
            (mark("Asked by"), f"{request.maker}, {self.time(request.made_at)}"),
            (mark("Signed"), tr("{signed} of {needed}", signed=request.signed, needed=request.needed)),
            (mark("Expires"), self.time(request.expires_at)),
            (mark("For you"), self.standing(row)),
        ]


def title_of(row: AdminRow) -> str:
    """What is asked for, and about which account."""
    return f"{action_label(row.request.operation)}  {row.username}".rstrip()


def asked(row: AdminRow) -> list[Pair]:
    """What would be done, as far as the title does not say it."""
    what = row.asked
    pairs: list[Pair] = [] if what.role is None else [(mark("Role"), label(what.role))]
    changes = [f"+ {permission_label(each)}" for each in sorted(what.gained)]
    changes += [f"x {permission_label(each)}" for each in sorted(what.lost)]
    pairs += [(mark("Changes") if place == 0 else "", each) for place, each in enumerate(changes)]
    if what.roles:
        pairs.append((mark("Roles"), ", ".join(map(label, what.roles))))
    pairs += [
        (mark("Changes") if place == 0 else "", f"{say(each.words)}: {each.before or '-'} -> {each.after or '-'}")
        for place, each in enumerate(what.figures)
    ]
    if what.figures:
        begins = what.from_day.isoformat() if what.from_day else tr("with the last signature")
        pairs += [(mark("In force from"), begins), (mark("Note"), what.note)]
    if what.until_seq is not None:
        pairs.append((mark("Entries"), tr("up to number {seq}", seq=count(what.until_seq))))
    return pairs
