"""The registry: every operation by name, with what it takes and who may."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypeAlias, get_type_hints

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError, create_model

from bankcard_tui.desk.access import Allowed, Lobby
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.errors import BankError, InvalidForm, InvalidInput, Phrase
from bankcard_tui.security.permissions import Permission

Secret = SecretStr
"""A parameter that is never logged, stored, or taken from a command line."""


class Mode(Enum):
    """What an operation does to the store and the log."""

    WRITE = "write"
    """Changes something: one entry, idempotent under a key."""
    OPEN = "open"
    """Shows a record or reveals a number: one entry, written before showing."""
    READ = "read"
    """Lists and searches with masked values: no entry, unless it is refused."""


FindSubject: TypeAlias = Callable[[Desk, dict[str, Any]], Subject | None]


_NOT_RIGHT = {
    "missing": Phrase("it is missing"),
    "extra_forbidden": Phrase("nothing is called that"),
    "json": Phrase("it is not JSON"),
    "uuid": Phrase("it is not the id of a record"),
    "int": Phrase("it is not a whole number"),
    "bool": Phrase("it is neither true nor false"),
    "string": Phrase("it is not text"),
    "date": Phrase("it is not a date"),
    "datetime": Phrase("it is not a date with a time and a zone"),
    "list": Phrase("it is not a list"),
    "tuple": Phrase("it is not a list"),
    "set": Phrase("it is not a list"),
    "frozen_set": Phrase("it is not a list"),
    "dict": Phrase("it does not consist of named parts"),
    "model": Phrase("it does not consist of named parts"),
    "model_attributes": Phrase("it does not consist of named parts"),
}
"""What is wrong with a value, by the beginning of pydantic's name for it."""


def _why(problem: Any) -> Phrase:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in ("enum", "literal_error"):
        return Phrase("it is none of {known}", {"known": str(context["expected"]).replace(" or ", ", ")})
    said = context["error"].args[:1] if kind == "value_error" else ()
    if said and isinstance(said[0], BankError):
        return said[0].phrases[0]
    known = [words for words in _NOT_RIGHT if kind.startswith(words)]
    return _NOT_RIGHT[max(known, key=len)] if known else Phrase("error {code}", {"code": kind})


@dataclass(frozen=True)
class Spec:
    """One registered operation."""

    name: str
    function: Callable[..., Any]
    allow: Allowed
    own: Permission | None
    subject: FindSubject | None
    mode: Mode
    signatures: Callable[[Desk, dict[str, Any]], tuple[Permission, ...]] | None
    prepare: Callable[..., Any] | None
    idempotent: bool
    internal: bool
    while_locked: bool
    after: Callable[[Desk], None] | None = None

    @cached_property
    def signature(self) -> inspect.Signature:
        """The parameters without the desk."""
        whole = inspect.signature(self.function)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    @cached_property
    def hints(self) -> dict[str, Any]:
        return get_type_hints(self.function)

    @cached_property
    def model(self) -> type[BaseModel]:
        """The parameters as a model that reads and writes JSON."""
        fields: dict[str, Any] = {
            name: (self.hints[name], ... if parameter.default is inspect.Parameter.empty else parameter.default)
            for name, parameter in self.signature.parameters.items()
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def result(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.hints["return"])

    @property
    def title(self) -> str:
        """The first paragraph of its description, in one line."""
        return " ".join((inspect.getdoc(self.function) or "").partition("\n\n")[0].split())

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Everything that lets somebody do this; empty when anybody may."""
        if isinstance(self.allow, Lobby):
            return ()
        allowed = self.allow if isinstance(self.allow, tuple) else (self.allow,)
        return (*allowed, self.own) if self.own and self.own not in allowed else allowed

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name, defaults included."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)

    def payload(self, arguments: dict[str, Any]) -> str:
        """The arguments as canonical JSON. Secrets stand there masked."""
        plain = self.model(**arguments).model_dump(mode="json")
        for name, value in arguments.items():
            if isinstance(value, set | frozenset):
                # A set has another order in each process.
                plain[name].sort(key=str)
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def read_payload(self, payload: str) -> dict[str, Any]:
        """The arguments that :meth:`payload` wrote, or that somebody typed as JSON. Raises InvalidInput/InvalidForm."""
        try:
            read = self.model.model_validate_json(payload)
        except ValidationError as error:
            problems = [
                InvalidInput(
                    ".".join(str(part) for part in each["loc"]) or "input",
                    "This value is not right: {why}.",
                    hint="bankcard op list --json shows what each operation takes.",
                    why=_why(each),
                )
                for each in error.errors(include_url=False, include_input=False)
            ]
            raise problems[0] if len(problems) == 1 else InvalidForm(problems) from None
        return {name: getattr(read, name) for name in self.signature.parameters}

    def digest(self, key: bytes, arguments: dict[str, Any]) -> str:
        """A keyed fingerprint of the arguments, secrets included."""
        secrets = [value.get_secret_value() for value in arguments.values() if isinstance(value, SecretStr)]
        whole = json.dumps([self.name, self.payload(arguments), secrets])
        return hmac.digest(key, whole.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


REGISTRY: dict[str, Spec] = {}


def register(spec: Spec) -> None:
    """Add ``spec``. Raises ValueError for a name that is taken."""
    if spec.name in REGISTRY:
        raise ValueError(f"two operations named {spec.name}")
    REGISTRY[spec.name] = spec
