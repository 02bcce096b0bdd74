"""Write ``bankcard_tui/cli/operations.json`` from the registry, for ``bankcard op list`` to show."""

from __future__ import annotations

import json

from bankcard_tui.cli.describe import described
from bankcard_tui.cli.listing import LISTING
from bankcard_tui.cli.op import offered


def main() -> None:
    """Write the listing anew."""
    operations = [described(spec) for spec in offered().values()]
    LISTING.write_text(json.dumps(operations, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
