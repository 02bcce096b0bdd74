"""What ``bankcard doctor`` looks at on the machine: Python, packages, folders, disk and terminal."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bankcard_tui.cli.building import BUILDING, is_being_built
from bankcard_tui.cli.checks_store import examine_store
from bankcard_tui.cli.console import Console
from bankcard_tui.cli.findings import Finding, advice, failed, fine, wrong
from bankcard_tui.config import Home
from bankcard_tui.errors import BankError, reason_of
from bankcard_tui.locale import mark

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    "alembic",
    "bcrypt",
    "bech32",
    "cryptography",
    "phonenumbers",
    "pydantic",
    "pyrage",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "stdnum",
    "textual",
    "typer",
    "tzdata",
    "uuid_utils",
    "zstandard",
    "zxcvbn",
)
LITTLE_SPACE, TOO_LITTLE_SPACE = 1024 * 1024 * 1024, 64 * 1024 * 1024
MEGABYTE = 1024 * 1024
SMALLEST_TERMINAL = (80, 24)

_PYTHON, _PACKAGES, _HOME = mark("Python"), mark("Packages"), mark("Home folder")
_DISK, _REMAINS = mark("Disk"), mark("Leftovers")
_TERMINAL, _TEXT, _COLOURS, _FONTS = mark("Terminal"), mark("Encoding"), mark("Colours"), mark("Chinese font")


def examine(console: Console, *, deep: bool) -> list[Finding]:
    """Every finding about this installation, the machine first."""
    home = console.settings.home
    findings = [*_python(), *_packages()]
    if any(each.name == _PACKAGES and each.status == "wrong" for each in findings):
        return [*findings, *_terminal()]
    findings += [*_home(home), *_network(home), *_disk(home), *_remains(home)]
    return [*findings, *examine_store(console, deep=deep), *_terminal()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield wrong(
            _PYTHON, mark("Python {version} is too old."), mark("Install Python 3.11 or newer."), version=version
        )
    else:
        yield fine(_PYTHON, "Python {version}", version=version)


def _packages() -> Iterator[Finding]:
    missing = []
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        yield wrong(
            _PACKAGES,
            mark("These can't be imported: {names}"),
            mark("Run: make setup, in the folder of the program."),
            names=", ".join(missing),
        )
    else:
        yield fine(_PACKAGES, mark("all {count} can be imported"), count=len(PACKAGES))


def _home(home: Home) -> Iterator[Finding]:
    if not home.folder.is_dir():
        yield wrong(
            _HOME,
            mark("The folder {path} does not exist."),
            mark("Name it with --home, or make a branch: bankcard init or bankcard demo"),
            path=home.folder,
        )
        return
    yield fine(_HOME, "{path}", path=home.folder)
    for folder in (home.folder, home.store.parent, home.key.parent, home.backups):
        yield from _rights_of_folder(folder)
    for file in (home.store, home.store.with_name(home.store.name + "-wal"), home.queue):
        yield from _rights_of_file(file)


def _rights_of_folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        return
    status = folder.stat()
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid():
        yield _not_ours(folder)
    elif mode & 0o022:
        yield wrong(_HOME, mark("Others may write into {path}."), mark("Run: chmod 700 {path}"), path=folder)
    elif mode & 0o077:
        yield advice(_HOME, mark("Others may look into {path}."), mark("Run: chmod 700 {path}"), path=folder)


def _rights_of_file(file: Path) -> Iterator[Finding]:
    if not file.exists():
        return
    status = file.stat()
    if status.st_uid != os.geteuid():
        yield _not_ours(file)
    elif stat.S_IMODE(status.st_mode) & 0o077:
        yield wrong(_HOME, mark("Others may read {path}."), mark("Run: chmod 600 {path}"), path=file)


def _not_ours(path: Path) -> Finding:
    return wrong(
        _HOME,
        mark("{path} belongs to another user of this machine."),
        mark("Work as that user, or let an administrator of the machine change the owner."),
        path=path,
    )


def _network(home: Home) -> Iterator[Finding]:
    from bankcard_tui.store.problems import refuse_network_file_system

    try:
        refuse_network_file_system(home.store)
    except BankError as problem:
        yield failed(_DISK, problem)


def _disk(home: Home) -> Iterator[Finding]:
    folder = next((each for each in (home.store.parent, home.folder) if each.is_dir()), None)
    if folder is None:
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"bankcard")
            file.flush()
    except OSError as problem:
        yield wrong(
            _DISK,
            mark("{path} can't be written: {error}."),
            mark("Check the folder's rights, free space, and whether the disk is mounted read-only."),
            path=folder,
            error=reason_of(problem),
        )
        return
    free = shutil.disk_usage(folder).free
    little, megabytes = mark("Only {free} MB are free at {path}."), f"{free // MEGABYTE:,}"
    if free < TOO_LITTLE_SPACE:
        yield wrong(_DISK, little, mark("Free some space now."), free=megabytes, path=folder)
    elif free < LITTLE_SPACE:
        yield advice(_DISK, little, mark("Free some space soon."), free=megabytes, path=folder)
    else:
        yield fine(_DISK, mark("{free} MB are free at {path}"), free=megabytes, path=folder)


def _remains(home: Home) -> Iterator[Finding]:
    from bankcard_tui.backup.files import checking_folder, is_left_over

    building = home.folder / BUILDING
    if building.exists() and not is_being_built(home.folder):
        yield advice(
            _REMAINS,
            mark("Making a branch was interrupted: {path} is left over."),
            mark("Run bankcard init or bankcard demo again, or remove the folder."),
            path=building,
        )
    if is_left_over(home.making):
        yield advice(
            _REMAINS,
            mark("A backup was interrupted: {path} is left over, with a copy of the store."),
            mark("Run: bankcard backup create. It clears it away first."),
            path=home.making,
        )
    if is_left_over(home.drilling):
        yield advice(
            _REMAINS,
            mark("A drill was interrupted: {path} is left over, with a copy of the store."),
            mark("Run: bankcard backup drill. It clears it away first."),
            path=home.drilling,
        )
    if is_left_over(checking_folder()):
        yield advice(
            _REMAINS,
            mark("The check of a backup was interrupted: {path} is left over, with a copy of the store."),
            mark("Verify a backup again, which clears it away first, or remove the folder."),
            path=checking_folder(),
        )


def _terminal() -> Iterator[Finding]:
    columns, lines = shutil.get_terminal_size()
    values = {"columns": columns, "lines": lines}
    if not sys.stdout.isatty():
        yield advice(
            _TERMINAL, mark("The output is not a terminal."), mark("The application needs one; commands don't.")
        )
    elif columns < SMALLEST_TERMINAL[0] or lines < SMALLEST_TERMINAL[1]:
        yield advice(
            _TERMINAL, mark("{columns} x {lines} is small."), mark("The application needs 80 x 24 or more."), **values
        )
    else:
        yield fine(_TERMINAL, "{columns} x {lines}", **values)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("_", "-")
    if encoding in ("utf-8", "utf8"):
        yield fine(_TEXT, "{encoding}", encoding=encoding)
    else:
        yield advice(
            _TEXT,
            mark("The terminal speaks {encoding}: Chinese can't be shown."),
            mark("Set a UTF-8 locale, such as LANG=C.UTF-8."),
            encoding=encoding,
        )
    if "NO_COLOR" in os.environ or os.environ.get("TERM", "dumb") == "dumb":
        yield advice(_COLOURS, mark("none"), mark("Everything works without; for colours set TERM and unset NO_COLOR."))
    else:
        term = os.environ["TERM"]
        yield fine(_COLOURS, "{term}", term=f"{term} {os.environ.get('COLORTERM', '')}".strip())
    yield from _fonts()


def _fonts() -> Iterator[Finding]:
    hint = mark("If Chinese shows as boxes, install a font on the machine that shows the terminal: Noto Sans CJK.")
    lister = shutil.which("fc-list")
    found = False
    if lister:
        try:
            listed = subprocess.run([lister, ":lang=zh"], capture_output=True, timeout=10, check=False)
            found = bool(listed.stdout.strip())
        except (OSError, subprocess.TimeoutExpired):
            found = False
    if found:
        yield fine(_FONTS, mark("installed on this machine"))
    else:
        yield advice(_FONTS, mark("none found on this machine"), hint)
