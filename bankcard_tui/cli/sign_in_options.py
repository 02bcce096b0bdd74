"""What commands take for which somebody signs in: who, and where password and code come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bankcard_tui.locale import mark

As = Annotated[str, typer.Option("--as", metavar="USER", help=mark("Who signs in."))]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help=mark("The first line of stdin is the password."))]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help=mark("A file whose first line is the password."))
]
CodeFile = Annotated[
    Path | None, typer.Option("--code-file", help=mark("A file whose first line is the code of a second factor."))
]
