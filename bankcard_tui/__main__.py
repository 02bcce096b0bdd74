"""``python -m bankcard_tui`` and the ``bankcard`` command."""

from __future__ import annotations

from bankcard_tui.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
