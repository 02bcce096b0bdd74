"""What is left of a crash: a number for the person, and a file for whoever mends it, without anybody's data."""

from __future__ import annotations

import os
import secrets
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bankcard_tui.locale import tr

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NUMBER_LETTERS: Final = 8


def new_number() -> str:
    """A number such as ``4Q7K-ZP2M``, easy to say on the phone."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_NUMBER_LETTERS))
    return f"{letters[:4]}-{letters[4:]}"


def incident_path(folder: Path, number: str) -> Path:
    """Where the record of an incident stands; ``folder`` is the home of the branch."""
    return folder / "data" / "incidents" / f"{number}.txt"


def record_incident(folder: Path, number: str, error: BaseException) -> Path | None:
    """Write the record of ``error``, readable for its owner alone; None where the disk does not take it."""
    path = incident_path(folder, number)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"incident {number}\n\n" + "\n".join(describe(error)) + "\n")
    except OSError:
        return None
    return path


def last_words(folder: Path, error: BaseException | None) -> str:
    """What a person reads after a crash; its record is written."""
    number = new_number()
    path = record_incident(folder, number, error) if error is not None else None
    words = [
        tr("Something went wrong, and the program had to stop. What you had sent is safe."),
        tr("Incident {number}", number=number),
        tr("Start the program again; if it stops once more, tell your administrator this number."),
    ]
    if path is not None:
        words.append(tr("A record without anybody's data is in {path}", path=path))
    return "\n".join(words)


def describe(error: BaseException) -> Iterator[str]:
    """The kinds of the error and its causes with the places they passed, the innermost last.

    Neither local variables nor the words of the errors: both may quote what belongs to a customer.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from describe(cause)
        yield "which led to"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        yield f"    {frame.line}"
