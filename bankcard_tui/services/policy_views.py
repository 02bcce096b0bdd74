"""How the figures of the policy, its versions, and what is proposed for it are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import Phrase
from bankcard_tui.locale import mark
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.policy_figures import Kind
from bankcard_tui.rules.policy_values import Difference, described, values_of
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limit_views import WhatIf
from bankcard_tui.services.requests import Altered


class ValueView(View):
    """A figure: what it is called, its ``value`` as text, and who changes it.

    ``unit`` is a sentence with a place for the value; ``lowest`` and ``highest`` are bounds in the manner of ``kind``
    (empty where it has none). ``used`` is false while nothing in the program rests on the figure.
    """

    name: str
    words: Phrase
    group: str
    description: str
    unit: str
    kind: Kind
    lowest: str
    highest: str
    choices: tuple[str, ...]
    value: str
    permission: Permission
    used: bool


class PolicyValues(View):
    """Every figure of one version of the policy, in the order of the page."""

    version: int
    in_force_from: datetime
    note: str
    values: tuple[ValueView, ...]


class DifferenceView(View):
    """A figure before and after, as text."""

    name: str
    words: Phrase
    unit: str
    kind: Kind
    before: str
    after: str


class VersionState(StrEnum):
    """How a version stands. Replaced: it was written again, with what took force before it, before its day came.
    Altered: what it changed can't be read any more.
    """

    IN_FORCE = "in_force"
    SCHEDULED = "scheduled"
    PAST = "past"
    REPLACED = "replaced"
    ALTERED = "altered"


VERSION_WORDS: Final[Mapping[VersionState, str]] = {
    VersionState.IN_FORCE: mark("In force"),
    VersionState.SCHEDULED: mark("Scheduled"),
    VersionState.PAST: mark("Past"),
    VersionState.REPLACED: mark("Written again"),
    VersionState.ALTERED: mark("Altered"),
}


class VersionView(View):
    """One version: from when it is in force, who proposed it, whose signature put it in force, and what it changed."""

    version: int
    in_force_from: datetime
    state: VersionState
    proposed_by: str
    approved_by: str
    note: str
    differences: tuple[DifferenceView, ...]


class WaitingChange(View):
    """A change that waits for a signature. ``from_day`` is None where it takes force with the last signature; ``mine``
    says whether the actor has proposed it, ``mine_to_sign`` whether the next signature may be the actor's; ``problem``
    why it could not take force as things stand.
    """

    altered: Literal[False] = False
    request: RequestView
    of_limits: bool
    changes: dict[str, str]
    from_day: date | None
    note: str
    differences: tuple[DifferenceView, ...]
    problem: tuple[Phrase, ...]
    mine: bool
    mine_to_sign: bool


class AlteredChange(Altered):
    """A change whose request is not as it was written."""


class Tried(View):
    """What a change would do: the figures, and where it touches the rules of limits who would come to which limit.

    ``unseen`` says, a sentence for each such figure, what of its effect only the next evaluation shows.
    """

    differences: tuple[DifferenceView, ...]
    what_if: WhatIf | None
    unseen: tuple[Phrase, ...] = ()


def value_views(policy: Policy) -> tuple[ValueView, ...]:
    """Every figure of ``policy``."""
    texts = values_of(policy)
    return tuple(
        ValueView(
            name=value.name,
            words=value.words,
            group=value.group,
            description=value.figure.description,
            unit=value.figure.unit,
            kind=value.figure.typed_as,
            lowest=_bound(value.figure.typed_as, value.figure.lowest),
            highest=_bound(value.figure.typed_as, value.figure.highest),
            choices=tuple(map(str, value.figure.choices)),
            value=texts[value.name],
            permission=Permission.MANAGE_LIMIT_RULES if value.of_limits else Permission.MANAGE_POLICY,
            used=value.figure.used,
        )
        for value in described(policy)
    )


def _bound(kind: Kind, bound: int) -> str:
    return "" if kind in (Kind.YES_NO, Kind.CHOICE) else str(bound)


def difference_views(policy: Policy, differences: tuple[Difference, ...]) -> tuple[DifferenceView, ...]:
    """Differences with the words of ``policy``, in the order of the page; of a figure that it has no more, its name."""
    by_name = {each.name: each for each in differences}
    known = {value.name: value for value in described(policy)}
    names = [*(name for name in known if name in by_name), *(name for name in by_name if name not in known)]
    return tuple(
        DifferenceView(
            name=name,
            words=known[name].words if name in known else Phrase(name),
            unit=known[name].figure.unit if name in known else "{value}",
            kind=known[name].figure.typed_as if name in known else Kind.TEXT,
            before=by_name[name].before,
            after=by_name[name].after,
        )
        for name in names
    )
