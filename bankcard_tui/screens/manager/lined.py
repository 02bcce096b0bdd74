"""Lines made for their width, where the manager's screens look for them."""

from __future__ import annotations

from bankcard_tui.widgets.lined import Lined, Lines, closed, half, hanging, joined, side_by_side

__all__ = ["Lined", "Lines", "closed", "half", "hanging", "joined", "side_by_side"]
