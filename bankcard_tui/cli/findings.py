"""One thing that ``bankcard doctor`` found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bankcard_tui.errors import BankError
from bankcard_tui.locale import advise, explain, tr

STORE_UNUSABLE = 5
VERIFICATION_FAILED = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """``status`` is ok, advice, wrong or unknown; texts are English, with ``values`` to be filled in."""

    name: str
    status: str
    template: str
    hint: str = ""
    exit_code: int = STORE_UNUSABLE
    error: BankError | None = None
    values: dict[str, object] = field(default_factory=dict)

    @property
    def spoken_name(self) -> str:
        return tr(self.name)

    @property
    def sentence(self) -> str:
        """What was found, in the language in use."""
        return explain(self.error) if self.error else tr(self.template, **self.values)

    @property
    def advice(self) -> str:
        """How to mend it, in the language in use; empty where nothing needs mending."""
        if self.error:
            return advise(self.error)
        return tr(self.hint, **self.values) if self.hint else ""

    def plain(self, named: Callable[[str], str]) -> dict[str, str]:
        """For JSON. The check is named in English, the rest is in the language in use; ``named`` is Console.named."""
        return {
            "check": self.name,
            "status": self.status,
            "finding": self.sentence,
            "advice": named(self.advice),
            "code": self.error.code if self.error else "",
        }


def fine(name: str, template: str, **values: object) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", template, values=values)


def advice(name: str, template: str, hint: str, **values: object) -> Finding:
    """It works, and could be better."""
    return Finding(name, "advice", template, hint, values=values)


def wrong(name: str, template: str, hint: str, exit_code: int = STORE_UNUSABLE, **values: object) -> Finding:
    """It has to be mended."""
    return Finding(name, "wrong", template, hint, exit_code, values=values)


def failed(name: str, error: BankError, exit_code: int | None = None) -> Finding:
    """It has to be mended, as an error says."""
    return Finding(name, "wrong", error.template, exit_code=exit_code or error.exit_code, error=error)


def unknown(name: str, template: str, **values: object) -> Finding:
    """It could not be checked."""
    return Finding(name, "unknown", template, values=values)
