"""Paths of files that somebody types."""

from __future__ import annotations

from pathlib import Path

from bankcard_tui.errors import InvalidInput


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
