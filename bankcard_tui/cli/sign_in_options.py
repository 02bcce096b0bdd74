"""What commands take for which somebody signs in: who, and where password and code come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import Console
from bankcard_tui.cli.desks import code_for, opened_bank, password_for, signed_in
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.desk.desk import Desk

As = Annotated[str, typer.Option("--as", metavar="USER", help=mark("Who signs in."))]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help=mark("The first line of stdin is the password."))]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help=mark("A file whose first line is the password."))
]
CodeFile = Annotated[
    Path | None, typer.Option("--code-file", help=mark("A file whose first line is the code of a second factor."))
]


@dataclass(frozen=True)
class SignIn:
    """Who signs in, and where password and code come from."""

    user: str
    password_stdin: bool
    password_file: Path | None
    code_file: Path | None

    @contextmanager
    def desk(self, console: Console) -> Iterator[Desk]:
        """The desk of that person in the home in force."""
        with opened_bank(console) as bank:
            password = password_for(self.user, from_stdin=self.password_stdin, file=self.password_file)
            code = partial(code_for, from_stdin=self.password_stdin, file=self.code_file)
            with signed_in(bank, self.user, password, code) as desk:
                yield desk
