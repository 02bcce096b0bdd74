"""The one family of errors.

Every error that a person can see is a :class:`BankError`: a stable ``code`` for programs and support, an English
``template`` with named ``values`` (the template is the key of the translation catalogue) and a ``hint`` that says what
to do next. Rendering in another language happens at the edge, from ``template``, ``hint`` and ``values``.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or a sentence that is said in the language of whoever reads it: an English ``template``, the key of the
    translation catalogue, with its named ``values``. A value that is a phrase is translated too, and several follow
    one another.
    """

    template: str
    values: dict[str, str | int | Phrase | tuple[Phrase, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.template, self.values)


_COUNTED = re.compile(r"\{(\w+):([^{}|]+)\|([^{}|]+)\}")


class BankError(Exception):
    """Something the person can understand and act on.

    ``exit_code`` is what the command line returns: 1 failed, 2 usage, 3 refused by permission or policy,
    4 verification failed, 5 store busy or unavailable.
    """

    code = "error"
    exit_code = 1

    def __init__(self, template: str, *, hint: str = "", code: str = "", **values: object) -> None:
        self.template = template
        self.hint = hint
        self.values = values
        if code:
            self.code = code
        super().__init__(template)

    @property
    def message(self) -> str:
        """The English sentence with its values filled in."""
        return fill(self.template, self.values)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The sentence and, where there is one, the hint, to be kept and said later."""
        values = {
            name: value if isinstance(value, int | Phrase | tuple) else str(value)
            for name, value in self.values.items()
        }
        return tuple(Phrase(template, values) for template in (self.template, self.hint) if template)

    def __str__(self) -> str:
        text = self.message
        return f"{text} {fill(self.hint, self.values)}" if self.hint else text


class InvalidInput(BankError):
    """A value that a person typed can't be taken; ``field`` names the field it belongs to."""

    code = "input.invalid"

    def __init__(self, field: str, template: str, *, hint: str = "", code: str = "", **values: object) -> None:
        super().__init__(template, hint=hint, code=code, **values)
        self.field = field


class InvalidForm(BankError):
    """Several fields are wrong at once; ``problems`` holds one :class:`InvalidInput` for each, in form order."""

    code = "input.invalid"

    def __init__(self, problems: list[InvalidInput]) -> None:
        super().__init__("{count:field needs|fields need} attention.", count=len(problems))
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"{problem.field}: {problem}" for problem in self.problems)])


class Refused(BankError):
    """Permission, four eyes or a rule of the bank forbids it."""

    code = "refused"
    exit_code = 3


class NotSignedIn(Refused):
    """The session has ended, or there never was one."""

    code = "session.ended"


class SessionLocked(Refused):
    """The session rests until its person gives the password again."""

    code = "session.locked"


class SecondFactorNeeded(Refused):
    """The password is right, and the account has a second factor: its code is asked for next."""

    code = "refused.second_factor"


class NotFound(BankError):
    """No such record, or none that this person may know of."""

    code = "not_found"


class Conflict(BankError):
    """The record was changed by somebody else, or is not in a state that allows this."""

    code = "conflict"


class VerificationFailed(BankError):
    """A check of correctness found something wrong."""

    code = "verification.failed"
    exit_code = 4


class Unavailable(BankError):
    """The store, a key or a file can't be used now."""

    code = "store.unavailable"
    exit_code = 5


class Busy(Unavailable):
    """Somebody else holds the store longer than we may wait."""

    code = "store.busy"


_OF_THE_SYSTEM = {
    errno.EACCES: Phrase("Permission denied"),
    errno.EPERM: Phrase("Operation not permitted"),
    errno.ENOENT: Phrase("No such file or directory"),
    errno.EEXIST: Phrase("File exists"),
    errno.ENOTDIR: Phrase("Not a directory"),
    errno.EISDIR: Phrase("Is a directory"),
    errno.ENOTEMPTY: Phrase("Directory not empty"),
    errno.EINVAL: Phrase("not an ordinary file"),
    errno.ELOOP: Phrase("Too many levels of symbolic links"),
    errno.ENAMETOOLONG: Phrase("File name too long"),
    errno.ENOSPC: Phrase("No space left on device"),
    errno.EDQUOT: Phrase("Disk quota exceeded"),
    errno.EFBIG: Phrase("File too large"),
    errno.EROFS: Phrase("Read-only file system"),
    errno.EIO: Phrase("Input/output error"),
    errno.EBUSY: Phrase("Device or resource busy"),
    errno.EMFILE: Phrase("Too many open files"),
}


def reason_of(error: OSError) -> Phrase:
    """Why the operating system refused, to stand in a sentence; what is rare is named by its code, such as ENXIO."""
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return _OF_THE_SYSTEM.get(error.errno or 0, Phrase("error {code}", {"code": code}))


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put ``values`` into ``template``; without values the template stands as it is, braces included.

    ``{count:row|rows}`` is the number with the noun in the form that goes with it: "1 row", "3 rows", "0 rows".
    """
    if not values:
        return template
    if "|" in template:
        template = _COUNTED.sub(
            lambda found: f"{{{found[1]}}} {found[2] if str(values[found[1]]) == '1' else found[3]}", template
        )
    return template.format_map({name: _joined(value) for name, value in values.items()})


def _joined(value: object) -> object:
    return ", ".join(str(each) for each in value) if isinstance(value, tuple) else value
