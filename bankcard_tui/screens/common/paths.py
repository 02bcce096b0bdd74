"""Files whose paths somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bankcard_tui.errors import InvalidInput, Unavailable, VerificationFailed


def read_path(field: str, text: object) -> Path:
    """The file that somebody typed; ``~`` is their own folder. Raises InvalidInput for ``field``."""
    try:
        path = Path(str(text).strip()).expanduser()
    except RuntimeError:  # ~name of nobody
        path = Path()
    if not path.is_absolute():
        raise InvalidInput(
            field, "This is not the whole path of a file.", hint="It begins with / or ~, such as /media/usb/file."
        )
    return path


@contextmanager
def told_at(field: str) -> Iterator[None]:
    """What is wrong with a file is told at the ``field`` that names it. Raises InvalidInput."""
    try:
        yield
    except (Unavailable, VerificationFailed) as error:
        raise InvalidInput(field, error.template, hint=error.hint, code=error.code, **error.values) from None
