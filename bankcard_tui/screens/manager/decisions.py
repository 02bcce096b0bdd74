"""The questions that a decision asks: what to fill in, and what is prefilled from the opinion."""

from __future__ import annotations

from dataclasses import dataclass, field

from bankcard_tui.decision.opinion import differs
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import Decision, RefusalReason
from bankcard_tui.screens.manager.facts_text import missing_documents
from bankcard_tui.services.review import ReviewFile
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount

_NOTE_LENGTH = 500


@dataclass
class Tally:
    """What was decided in this sitting."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str) -> None:
        """Count one more of ``what``: approved, waiting, refused, returned or skipped."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def words(self) -> list[str]:
        """One phrase for each count, in the language in use."""
        words = {
            "approved": tr("Approved"),
            "waiting": tr("Waiting for a signature"),
            "refused": tr("Refused"),
            "returned": tr("Returned"),
            "skipped": tr("Skipped"),
        }
        return [f"{word}: {self.counts[what]}" for what, word in words.items() if what in self.counts]


def approve_fields(file: ReviewFile) -> list[Field]:
    """The limit, prefilled with the proposal, and a note; against the opinion also why."""
    opinion = file.advice.opinion
    return [
        Field("limit", mark("Limit, yuan"), "amount", value=opinion.limit),
        *_against(file, Decision.APPROVE),
        _note(),
    ]


def approve_words(file: ReviewFile) -> str:
    """The bounds of the limit and of the signatures."""
    one, two = file.signature_bounds
    return "\n".join(
        [
            tr(
                "{lowest} to {highest} yuan can be granted; wished: {wish}.",
                lowest=amount(file.lowest_limit),
                highest=amount(file.highest_limit),
                wish=amount(file.application.row.wished_limit),
            ),
            tr("Two signatures above {one}, three above {two}.", one=amount(one), two=amount(two)),
        ]
    )


def refuse_fields(file: ReviewFile) -> list[Field]:
    """The reasons, prefilled from the broken rules that name the same thing; against the opinion also why."""
    known = {reason.value for reason in RefusalReason}
    broken = tuple(dict.fromkeys(rule.rule for rule in file.advice.opinion.broken if rule.rule in known))
    return [
        Field(
            "reasons",
            mark("Reasons"),
            "choices",
            hint=mark("Each number chooses."),
            options=RefusalReason,
            value=broken,
        ),
        *_against(file, Decision.REFUSE),
        Field("message", mark("Message"), required=False, hint=mark("The customer reads this."), most=_NOTE_LENGTH),
        _note(),
    ]


def send_back_fields(file: ReviewFile) -> list[Field]:
    """What is missing, prefilled from the documents that nobody has seen."""
    return [
        Field(
            "message",
            mark("What is missing"),
            "text",
            hint=mark("The customer reads this. Tab goes on to the button."),
            value="\n".join(missing_documents(file)),
            most=_NOTE_LENGTH,
        ),
        _note(),
    ]


def _against(file: ReviewFile, decision: Decision) -> list[Field]:
    if not differs(file.advice.opinion, decision):
        return []
    hint = mark("This goes against the opinion: say why.")
    return [Field("against_reason", mark("Your reason"), hint=hint, most=_NOTE_LENGTH)]


def _note() -> Field:
    return Field("note", mark("Staff note"), required=False, hint=mark("Only staff read this."), most=_NOTE_LENGTH)
