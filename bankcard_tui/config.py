"""Where things are: the home of a branch and the settings of this terminal.

Order: command-line flag, then ``BANKCARD_*`` in the environment, then the config file, then the default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bankcard_tui.errors import Phrase, Unavailable, reason_of

KNOWN = ("home", "lang", "theme", "key_file")
URL_FILES = ("sms_url_file", "email_url_file", "app_url_file")
PATHS = ("folder", "password_file", *URL_FILES)
DELIVERY = ("transport", "host", "port", "starttls", "user", "sender", *PATHS)
TRANSPORTS = ("none", "file", "console", "smtp", "apprise")


@dataclass(frozen=True, slots=True)
class Home:
    """One folder that can be copied as a whole; every path inside is relative to it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "data" / "bankcard.db"

    @property
    def queue(self) -> Path:
        """The lock file on which writers queue."""
        return self.folder / "data" / "bankcard.queue"

    @property
    def terminals(self) -> Path:
        """The folder with a locked file for each terminal that is alive."""
        return self.folder / "data" / "terminals"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def archives(self) -> Path:
        """The folder with the archives of the log."""
        return self.backups / "log"

    @property
    def archiving(self) -> Path:
        """The private folder in which an archive of the log is written."""
        return self.backups / ".archiving"

    @property
    def making(self) -> Path:
        """The private folder in which a backup is made or checked."""
        return self.backups / ".making"

    @property
    def drilling(self) -> Path:
        """The private folder in which a drill restores a backup."""
        return self.backups / ".drill"

    @property
    def key(self) -> Path:
        return self.folder / "keys" / "root.key"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages reach people: the table ``[delivery]`` of the config file.

    ``transport`` names one or more of TRANSPORTS, of which each message goes by the first that reaches its kind of
    address; empty leaves it to the branch: a demo branch writes files, others send nothing. ``sms_url_file`` and its
    like are files with the URL of a service that apprise knows.
    """

    transport: str = ""
    folder: Path | None = None
    host: str = ""
    port: int = 587
    starttls: bool = True
    user: str = ""
    password_file: Path | None = None
    sender: str = ""
    sms_url_file: Path | None = None
    email_url_file: Path | None = None
    app_url_file: Path | None = None

    @property
    def transports(self) -> tuple[str, ...]:
        """The transports that were named, in their order."""
        return tuple(self.transport.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Settings:
    """What this terminal was started with."""

    home: Home
    key_file: Path
    lang: str
    theme: str
    delivery: Delivery = Delivery()


def settings(flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. Raises Unavailable when the config file is not readable TOML, or says what can't be.

    The parts of ``[delivery]`` are named ``delivery_host`` among the flags, and ``BANKCARD_DELIVERY_HOST``.
    """
    env = os.environ if environment is None else environment
    written = _config_file(env)
    named = (*KNOWN, *(f"delivery_{each}" for each in DELIVERY))
    chosen = {
        name: (flags or {}).get(name) or env.get(f"BANKCARD_{name.upper()}") or written.get(name) for name in named
    }
    home = Home(Path(chosen["home"] or default_home(env)).expanduser().absolute())
    key_file = Path(chosen["key_file"]).expanduser().absolute() if chosen["key_file"] else home.key
    delivery = _delivery({each: chosen[f"delivery_{each}"] or "" for each in DELIVERY}, config_path(env))
    return Settings(home, key_file, _language(chosen["lang"], env), chosen["theme"] or "bankcard-dark", delivery)


def _delivery(given: Mapping[str, str], path: Path) -> Delivery:
    """The delivery that was ``given``. Raises Unavailable for what can't be, naming the config file at ``path``."""
    transport, port = given["transport"].lower(), given["port"] or "587"
    starttls = {"": True, "true": True, "1": True, "false": False, "0": False}.get(given["starttls"].lower())
    path_of = {name: Path(given[name]).expanduser().absolute() for name in PATHS if given[name]}
    delivery = Delivery(
        transport,
        path_of.get("folder"),
        given["host"],
        user=given["user"],
        password_file=path_of.get("password_file"),
        sender=given["sender"],
        sms_url_file=path_of.get("sms_url_file"),
        email_url_file=path_of.get("email_url_file"),
        app_url_file=path_of.get("app_url_file"),
    )
    problem = None
    if any(each not in TRANSPORTS for each in delivery.transports):
        problem = Phrase("transport is one of {known}", {"known": ", ".join(TRANSPORTS)})
    elif not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        problem = Phrase("port is a number up to 65535")
    elif starttls is None:
        problem = Phrase("starttls is true or false")
    elif "smtp" in delivery.transports and not (given["host"] and given["sender"]):
        problem = Phrase("smtp needs host and sender")
    elif "apprise" in delivery.transports and not any(given[each] for each in URL_FILES):
        problem = Phrase("apprise needs one of {known}", {"known": ", ".join(URL_FILES)})
    if problem is not None or starttls is None:
        raise Unavailable(
            "The settings of [delivery] can't be used: {why}.",
            hint="Correct them in {path}, or in BANKCARD_DELIVERY_*.",
            code="config.delivery",
            why=problem,
            path=path,
        )
    return replace(delivery, port=int(port), starttls=starttls)


def default_home(environment: Mapping[str, str]) -> Path:
    """The home when nobody named one: in the user's data folder."""
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "bankcard"


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the config file is, whether it exists or not."""
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "bankcard" / "config.toml"


def _config_file(environment: Mapping[str, str]) -> dict[str, str]:
    path = config_path(environment)
    if not path.exists():
        return {}
    import tomllib  # most terminals have no such file, and every start would wait for this

    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Unavailable(
            "The config file {path} can't be read: {error}.",
            hint="Correct it, or move it away.",
            code="config.unreadable",
            path=path,
            error=reason_of(error) if isinstance(error, OSError) else Phrase("not in the form of TOML"),
        ) from None
    table = parsed.get("delivery")
    delivery = {f"delivery_{name}": str(value) for name, value in table.items()} if isinstance(table, dict) else {}
    return {name: str(value) for name, value in parsed.items() if name in KNOWN} | delivery


def _language(chosen: str | None, environment: Mapping[str, str]) -> str:
    spoken = chosen or environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or "en"
    return "zh_CN" if spoken.lower().startswith("zh") else "en"
