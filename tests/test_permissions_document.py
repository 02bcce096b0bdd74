"""The permission matrix in the documents says what the program does."""

from __future__ import annotations

from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import ROLE_PERMISSIONS, Permission
from bankcard_tui.services.everything import operations
from scripts.write_permissions import DOCUMENT, document


def test_the_permission_matrix_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "make permissions"


def test_every_permission_and_operation_stands_in_the_matrix() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in reversed(text.splitlines()) if line.startswith("| `")}
    for permission in Permission:
        cells = [cell.strip() for cell in rows[permission].strip("|").split("|")]
        assert [cell == "yes" for cell in cells[1:]] == [permission in ROLE_PERMISSIONS[role] for role in Role]
    for spec in operations():
        assert spec.internal or f"`{spec.name}`" in text
