"""What the log is filtered by: typed by an admin, said in one line, and asked of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.services.profile import Problems
from bankcard_tui.widgets.action_labels import action_label, find_action
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import day
from bankcard_tui.widgets.log_rows import outcome_word

ANY = "any"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """The entries to show; what is empty does not filter. ``first`` and ``last`` are days at the branch, both in."""

    username: str = ""
    action: str = ""
    outcome: Outcome | None = None
    first: date | None = None
    last: date | None = None
    text: str = ""
    subject: UUID | None = None

    @property
    def empty(self) -> bool:
        """Whether every entry is shown."""
        return self == LogFilter()

    def parameters(self, zone: tzinfo) -> dict[str, Any]:
        """The arguments of ``list_log``; the days begin and end at midnight in ``zone``."""
        return {
            "username": self.username,
            "action": self.action,
            "subject": self.subject,
            "outcome": self.outcome,
            "since": _midnight(self.first, zone) if self.first else None,
            "until": _midnight(self.last + timedelta(days=1), zone) if self.last and self.last < date.max else None,
            "text": self.text,
        }

    def words(self) -> str:
        """The filters in force, in one line in the language in use."""
        parts = [
            (mark("user name"), self.username),
            (mark("action"), action_label(self.action)),
            (mark("outcome"), tr(outcome_word(self.outcome)) if self.outcome else ""),
            (mark("from"), day(self.first) if self.first else ""),
            (mark("until"), day(self.last) if self.last else ""),
            (mark("text"), self.text),
            (mark("record"), str(self.subject or "")),
        ]
        return ", ".join(f"{tr(name)} {value}" for name, value in parts if value)


def _midnight(day_: date, zone: tzinfo) -> datetime:
    return datetime.combine(day_, time(), zone)


def filter_fields(now: LogFilter) -> list[Field]:
    """The form, filled with the filters in force."""
    return [
        Field("username", mark("User name"), required=False, value=now.username, most=40),
        Field(
            "action",
            mark("Action"),
            hint=mark("Words or a code: approve, staff.add, staff."),
            required=False,
            value=now.action,
        ),
        Field(
            "outcome",
            mark("Outcome"),
            "choice",
            options=[(ANY, mark("Any")), *((each.value, outcome_word(each)) for each in Outcome)],
            value=now.outcome.value if now.outcome else ANY,
        ),
        Field("first", mark("From"), "date", required=False, value=now.first),
        Field("last", mark("Until"), "date", hint=mark("This day is included."), required=False, value=now.last),
        Field("text", mark("Text"), hint=mark("In user names, codes and details."), required=False, value=now.text),
        Field(
            "subject",
            mark("Record number"),
            hint=mark("Its number, from an opened entry."),
            required=False,
            value=str(now.subject or ""),
        ),
    ]


def read_filter(values: dict[str, object]) -> LogFilter:
    """The filter that somebody typed. Raises InvalidInput or InvalidForm."""
    problems = Problems()
    action = problems.take(lambda: find_action("action", str(values["action"])), "")
    subject = problems.take(lambda: _record(str(values["subject"])), None)
    first, last = _day(values["first"]), _day(values["last"])
    if first and last and last < first:
        problems.found.append(InvalidInput("last", "This day is before the first one.", hint="Exchange the two days."))
    problems.finish()
    outcome = values["outcome"]
    return LogFilter(
        username=str(values["username"]).strip().casefold(),
        action=action,
        outcome=None if outcome in (ANY, None) else Outcome(str(outcome)),
        first=first,
        last=last,
        text=str(values["text"]),
        subject=subject,
    )


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _record(text: str) -> UUID | None:
    try:
        return UUID(text.strip()) if text.strip() else None
    except ValueError:
        raise InvalidInput(
            "subject", "This is not the number of a record.", hint="Copy it from an opened entry."
        ) from None
