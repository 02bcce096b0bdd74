"""``bankcard init`` and ``bankcard demo``: a new branch, whole or not at all."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.building import new_branch
from bankcard_tui.cli.console import AsJson, Console, ask, ask_secret, console_of
from bankcard_tui.cli.desks import first_line
from bankcard_tui.cli.sign_in_options import PasswordStdin
from bankcard_tui.cli.terminal import machine
from bankcard_tui.errors import BankError, InvalidInput, Refused
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from bankcard_tui.config import Home
    from bankcard_tui.services.profile import Identity

ZONE = "Asia/Shanghai"
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_BANK = mark("Bank")
_BRANCH = mark("Branch")
_CODE_LABEL = mark("Branch code")
_NAME = mark("First admin: name")
_NUMBER = mark("First admin: ID number")
_USER = mark("First admin: user name")


def init(
    context: typer.Context,
    bank: Annotated[str | None, typer.Option("--bank", help=mark("The name of the bank."))] = None,
    branch: Annotated[str | None, typer.Option("--branch", help=mark("The name of the branch."))] = None,
    code: Annotated[str | None, typer.Option("--code", help=mark("The code of the branch, as 310-0042."))] = None,
    admin_name: Annotated[
        str | None, typer.Option("--admin-name", help=mark("The first admin's name, as on the ID card."))
    ] = None,
    admin_id: Annotated[
        str | None, typer.Option("--admin-id", help=mark("The first admin's ID number. Others see your arguments."))
    ] = None,
    admin_user: Annotated[str | None, typer.Option("--admin-user", help=mark("The first admin's user name."))] = None,
    password_stdin: PasswordStdin = False,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.desk.registry import Secret
    from bankcard_tui.rules.text import clean_line
    from bankcard_tui.rules.usernames import check_username
    from bankcard_tui.security.passwords import DEFAULT_COST
    from bankcard_tui.services.opening import first_admin

    console = console_of(context)
    settings = console.settings
    with _new_branch(console) as home:
        given = first_line() if password_stdin else None
        bank_name = _answer(_BANK, bank, lambda text: clean_line("bank", text))
        branch_name = _answer(_BRANCH, branch, lambda text: clean_line("branch", text))
        branch_code = _answer(_CODE_LABEL, code, _checked_code)
        name = _answer(_NAME, admin_name, lambda text: clean_line("name", text))
        number = _answer(_NUMBER, admin_id, _check_number(console))
        username = _answer(_USER, admin_user, lambda text: check_username("username", text))
        identity = _identity(name, number)
        password, again = (
            (given, given) if given is not None else _new_password(username, name, number, bank_name, branch_name)
        )
        made = Bank.create(
            home,
            bank=bank_name,
            branch=branch_name,
            code=branch_code,
            zone=ZONE,
            clock=console.clock,
            cost=DEFAULT_COST if console.cost is None else console.cost,
        )
        try:
            lobby = made.lobby(machine())
            codes = first_admin(lobby, username, identity, Secret(password), Secret(again)).view.codes
        finally:
            made.close()
    if console.json:
        paths = {"home": settings.home.folder, "store": settings.home.store, "key": settings.key_file}
        made_of = {"branch": branch_code, "admin": username, "recovery_codes": list(codes)}
        console.answer(made_of | {each: str(path) for each, path in paths.items()})
    else:
        console.insist(
            tr(
                "Recovery codes of {username}. Each is good for one new password; they are not shown again:",
                username=username,
            )
        )
        for code in codes:
            console.insist(f"    {code}")
        console.insist(
            tr(
                "Write them down and keep them apart from this machine, known to {username} alone.",
                username=username,
            )
        )
    console.say(tr("The branch {branch} is open, at {home}", branch=branch_name, home=settings.home.folder))
    console.say(
        "1. " + tr("Keep a copy of the key elsewhere; without it nothing can be read: {key}", key=settings.key_file)
    )
    console.say("2. " + tr("Sign in as {username}: bankcard run", username=username))
    console.say("3. " + tr("Add a second admin first, then managers and tellers."))


def demo(
    context: typer.Context,
    customers: Annotated[int, typer.Option("--customers", min=1, help=mark("How many customers."))] = 2_000,
    seed: Annotated[int, typer.Option("--seed", help=mark("The same seed on the same day makes the same branch."))] = 1,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.cli.demo import build_demo
    from bankcard_tui.cli.demo_staff import DEMO_PASSWORD
    from bankcard_tui.security.passwords import DEFAULT_COST

    console = console_of(context)
    settings = console.settings
    with _new_branch(console) as home:
        console.say(tr("Two years of a small branch are being made; this takes a minute."))
        with console.progress() as progress:
            cost = DEFAULT_COST if console.cost is None else console.cost
            build_demo(home, customers=customers, seed=seed, cost=cost, report=progress)
    if console.json:
        paths = {"home": settings.home.folder, "store": settings.home.store, "key": settings.key_file}
        console.answer({"customers": customers, "seed": seed} | {each: str(path) for each, path in paths.items()})
    console.say(tr("The demo branch is at {home}", home=settings.home.folder))
    console.say(tr("Open it: bankcard run. Accounts: {accounts}", accounts=", ".join(DEMO_ACCOUNTS)))
    console.say(tr("Their password: {password}", password=DEMO_PASSWORD))


DEMO_ACCOUNTS = ("teller", "manager", "manager2", "director", "admin", "admin2", "customer")


@contextmanager
def _new_branch(console: Console) -> Iterator[Home]:
    """``new_branch``, and what Ctrl+C leaves behind: nothing before the last step, the whole branch from then on."""
    settings = console.settings
    console.interrupted = tr("Nothing was made.")
    try:
        with new_branch(settings) as home:
            yield home
    finally:
        if settings.home.store.exists():
            console.interrupted = tr("The branch is there.")


def _answer(label: str, given: str | None, check: Callable[[str], str]) -> str:
    """What was given as an option, or is asked for: at a terminal until it is right. Raises InvalidInput."""
    if given is not None:
        return check(given)
    while True:
        try:
            return check(ask(label))
        except InvalidInput as problem:
            _ask_again(problem)


def _new_password(*about: str) -> tuple[str, str]:
    """A password typed twice, and right; ``about`` as in check_new_password. Raises InvalidInput where nobody sits at a
    terminal.
    """
    from bankcard_tui.rules.policy import DEFAULT_POLICY
    from bankcard_tui.security.passwords import check_new_password

    while True:
        password = ask_secret(mark("Password (at least 15 characters; several words are best)"))
        again = ask_secret(mark("The same password again"))
        try:
            check_new_password("password", password, least=DEFAULT_POLICY.password_least, about=about, again=again)
        except InvalidInput as problem:
            _ask_again(problem)
        else:
            return password, again


def _ask_again(problem: BankError) -> None:
    if not sys.stdin.isatty():
        raise problem
    Console().complain(problem)


def _checked_code(text: str) -> str:
    from bankcard_tui.desk.stand_in import DEMO_CODE
    from bankcard_tui.rules.text import clean_line

    code = clean_line("code", text, most=20).upper()
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            "code", "This can't be a branch code.", hint="Use up to 20 letters A-Z, digits and hyphens, as 310-0042."
        )
    if code == DEMO_CODE:
        raise Refused(
            "The code {wanted} is kept for demo branches.",
            hint="Choose another code, or run: bankcard demo",
            code="refused.demo_code",
            wanted=code,
        )
    return code


def _check_number(console: Console) -> Callable[[str], str]:
    from zoneinfo import ZoneInfo

    from bankcard_tui.desk.clock import SystemClock
    from bankcard_tui.rules.identity import check_id_number

    today = (console.clock or SystemClock()).now().astimezone(ZoneInfo(ZONE)).date()
    return lambda text: check_id_number("id_number", text, today)


def _identity(name: str, number: str) -> Identity:
    from bankcard_tui.services.profile import Identity

    return Identity(name=name, id_number=number)
