"""Write ``docs/permissions.md`` from the registry and the roles: who may do what, and what needs further signatures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bankcard_tui.desk.registry import Spec
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import ADDABLE, EVERYBODYS, ROLE_PERMISSIONS, Permission
from bankcard_tui.services.everything import operations
from bankcard_tui.services.four_eyes import SIGNED_WITH

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
ABOUT = {"card": "scorecard", "staff": "account"}
"""What the operations of an area are about, where it is not called like the area."""
WHEN = {
    "application": "above the limits that one and two persons may grant (policy)",
    "account": "when the account is an admin's",
}

HEAD = """# Permissions

Written by `make permissions` from the program itself; a test holds it current.

A role is a default set of permissions. An admin can take any of them from a single account, except {everybodys},
and can add what the table marks as such. What is done to the account of an admin needs the signature of a second admin,
and no permission that only admins hold can be taken from the last of them. A change holds from the next step of an
open session. Nobody acts on themselves, whatever the role.

## Roles

`yes`: the role has it. `add`: may be added to a single account.
"""


def document() -> str:
    """The whole document."""
    specs = [spec for spec in operations() if not spec.internal]
    parts = [
        HEAD.format(everybodys=" and ".join(f"`{each}`" for each in sorted(EVERYBODYS))),
        _table(["permission", *Role], ([f"`{each}`", *(_mark(role, each) for role in Role)] for each in Permission)),
        "## What each permission allows\n\n`(own)`: for what is one's own.\n",
        _table(["permission", "operations"], ([f"`{each}`", _allowed(specs, each)] for each in Permission)),
        "Without signing in: " + ", ".join(f"`{spec.name}`" for spec in specs if not spec.permissions) + ".\n",
        "## What needs further signatures\n\nThe maker's is the first; each further one is another person's.\n",
        _table(
            ["operation", "further signatures with", "when"],
            ([f"`{spec.name}`", *_signatures(spec)] for spec in specs if spec.signatures),
        ),
    ]
    return "\n".join(parts)


def _mark(role: Role, permission: Permission) -> str:
    if permission in ROLE_PERMISSIONS[role]:
        return "yes"
    return "add" if permission in ADDABLE[role] else ""


def _allowed(specs: Iterable[Spec], permission: Permission) -> str:
    names = []
    for spec in specs:
        if permission in spec.permissions:
            alone = permission is spec.own and permission is not spec.allow
            names.append(f"`{spec.name}`" + (" (own)" if alone else ""))
    return ", ".join(names)


def _signatures(spec: Spec) -> tuple[str, str]:
    area = spec.name.partition(".")[0]
    kind = ABOUT.get(area, area)
    return ", ".join(f"`{each}`" for each in SIGNED_WITH[kind]), WHEN.get(kind, "always")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def main() -> None:
    """Write the document anew."""
    DOCUMENT.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
