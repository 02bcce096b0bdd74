"""Our application as it would start if it imported everything first, as most do: for comparison."""

import bankcard_tui.app
import bankcard_tui.services.everything  # noqa: F401  imported for the time that it takes
from bankcard_tui.cli.main import main
from bankcard_tui.screens.pages import pages_for

pages_for(frozenset())
main()
