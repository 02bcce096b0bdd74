"""``python -m bankcard_tui`` and the ``bankcard`` command."""

from __future__ import annotations

import sys

from bankcard_tui.cli.terminal import open_application, opens_at_once, without_collecting


def main() -> None:
    """The ``bankcard`` command."""
    chosen = opens_at_once(sys.argv[1:])
    if chosen is not None:
        sys.exit(open_application(chosen))
    with without_collecting():
        from bankcard_tui.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
