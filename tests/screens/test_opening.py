"""The branch is opened once, behind the first frame."""

from __future__ import annotations

import sys

from bankcard_tui.config import Home, settings
from bankcard_tui.screens.common.opening import Opening


def test_whoever_waits_for_the_branch_is_told_once_when_all_that_works_on_it_is_there(home: Home) -> None:
    told: list[bool] = []
    opening = Opening(settings({"home": str(home.folder)}, {}), "counter 1", 4, None)
    opening.opened = lambda: told.append("bankcard_tui.services.everything" in sys.modules)
    assert opening.bank() is opening.bank()
    assert told == [True]
    opening.close()
