"""Known secrets are looked for wherever the program leaves traces, also where it was killed: they stand nowhere."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bankcard_tui.backup import age
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.segment import read_segment
from bankcard_tui.backup.unpack import by_keys, unpacked
from bankcard_tui.cli import backup as backup_command
from bankcard_tui.config import Delivery, Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SystemClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import activation, applications, cards, channels, recovery, resets, review, staff
from bankcard_tui.services.log_export import LogFilters, export_log
from bankcard_tui.services.passwords import change_password
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register
from bankcard_tui.services.sign_in import sign_in
from bankcard_tui.store.engine import lone_file
from tests.branch import PASSWORD, Town, id_number
from tests.cli.kit import bankcard
from tests.faults.canary_kit import Secrets, Watch, as_code, in_forms, run_watched
from tests.services.phone import enrol
from tests.services.post import code_sent_to, outbox

NUMBER, OTHER_NUMBER = id_number(77), id_number(78)
CHANGED, WRONG = "amber lantern over quiet canals", "seventeen wrong umbrellas dance"
PASSPHRASE = "nineteen copper herons asleep"
MINE = "wang.canary@example.com"


@dataclass
class Scene:
    """A branch in which every kind of secret was made and used, and the files by which commands are told some."""

    home: Home
    folder: Path
    secrets: Secrets
    temporary: Path
    watch: Watch

    def run(self, *arguments: str, kill_after: float | None = None, home: Home | None = None) -> tuple[int, bytes]:
        where = (home or self.home).folder
        return run_watched(self.watch, where, "--yes", *arguments, kill_after=kill_after)

    def file(self, name: str, text: str) -> str:
        path = self.folder / "told" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n")
        path.chmod(0o600)
        return str(path)

    @property
    def password(self) -> str:
        return f"--password-file={self.file('password', PASSWORD)}"

    @property
    def passphrase(self) -> str:
        return f"--passphrase-file={self.file('passphrase', PASSPHRASE)}"

    @property
    def both(self) -> tuple[str, ...]:
        second = f"--second-password-file={self.file('second', PASSWORD)}"
        return "--as=admin", "--second=admin2", self.password, second

    @property
    def newest(self) -> str:
        return max(path.name for path in self.home.backups.glob("*.backup"))


@pytest.fixture
def scene(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    bank = Bank.open(home, clock=SystemClock(), cost=4, delivery=Delivery("file"))
    secrets = Secrets()
    _live_a_day(bank, secrets)
    _keys(secrets, bank.keys, home)
    bank.close()
    watch = Watch(secrets, (home.folder, temporary, tmp_path / "elsewhere"))
    made = Scene(home, tmp_path, secrets, temporary, watch)
    secrets.add("the passphrase", PASSPHRASE.encode())
    return made


def _keys(secrets: Secrets, keys: Keys, home: Home) -> None:
    # A drill restores the key as well, into its own private folder, as it does on a fresh machine.
    drill = home.drilling / "home" / "keys" / "root.key"
    secrets.add("the root key", *in_forms(keys.root), only_in=(home.key, drill))
    for name in ("pepper", "backup", "signing", "chain"):
        secrets.add(f"the key {name}", *in_forms(getattr(keys, name)))


def _live_a_day(bank: Bank, secrets: Secrets) -> None:
    """Somebody applies and gets a card; passwords are typed, wrong ones too; codes of every kind are made and used."""
    town, post = Town(bank), (outbox(bank),)
    for name, text in (("a password", PASSWORD), ("a changed password", CHANGED), ("a wrong password", WRONG)):
        secrets.add(name, text.encode())
    secrets.add("an ID number", NUMBER.encode(), OTHER_NUMBER.encode())
    town.registers("canary", number=NUMBER)
    customer, application = town.applicant("zhang")
    review.claim(town.desk("manager"), application.id)
    review.approve(town.desk("manager"), application.id, Money.yuan(10_000))
    (card,) = cards.to_hand_over(town.desk("teller")).items
    version = staff.open_staff(town.desk("admin"), town.staff("teller2")).row.version
    added = frozenset({Permission.REVEAL_NUMBERS})
    staff.set_permissions(town.desk("admin"), town.staff("teller2"), version, added, frozenset())
    secrets.add("a card number", cards.reveal(town.desk("teller2"), card.id).number.encode())
    _passwords_are_typed(bank, town)
    _codes_are_used(bank, town, secrets, post)
    phone = enrol(town.desk("manager2"))
    secrets.add("a second factor", phone.secret.get_secret_value().encode())
    for code in (*phone.paper, *recovery.renew(town.desk("admin"), Secret(PASSWORD)).view.codes):
        secrets.add("a recovery code", *as_code(code))
    assert applications.open_application(town.desk("teller"), application.id).row.id
    assert customer.account_id


def _passwords_are_typed(bank: Bank, town: Town) -> None:
    for name, word in (("teller", WRONG), (WRONG, PASSWORD), (PASSWORD, WRONG), (CHANGED, CHANGED)):
        with pytest.raises(BankError):
            sign_in(bank.lobby("x"), name, word)
        with pytest.raises(BankError):
            activation.complete(bank.lobby("x"), name, Secret(WRONG), Secret(WRONG), Secret(WRONG), Secret(WRONG))
        with pytest.raises(BankError):
            recovery.recover(bank.lobby("x"), name, Secret(WRONG), Secret(CHANGED), Secret(CHANGED))
    with pytest.raises(BankError):
        change_password(town.desk("director"), Secret(WRONG), Secret(CHANGED), Secret(CHANGED))
    change_password(town.desk("director"), Secret(PASSWORD), Secret(CHANGED), Secret(CHANGED))


def _codes_are_used(bank: Bank, town: Town, secrets: Secrets, post: tuple[Path, ...]) -> None:
    """Half-codes are shown and used or not; codes go to an own channel, which is the only place where they stand."""
    fresh = register(
        town.desk("teller"), "fresh", Identity(name="Sun Li", id_number=OTHER_NUMBER), Contact(phone="13900139001")
    ).view
    for colleague in ("teller", "manager"):
        secrets.add("a half-code", *as_code(activation.show_half(_shows(town, colleague), fresh.account_id).view.code))
    wang = town.registers("wang")
    own: Desk = town.desk("wang")
    channels.propose(own, ChannelKind.EMAIL, MINE, Secret(PASSWORD))
    confirming = code_sent_to(bank, MINE)
    channels.confirm(own, confirming)
    resets.start_reset(town.desk("teller"), wang.account_id, id_seen=True, note=f"Has shown {NUMBER}.")
    reset = code_sent_to(bank, MINE)
    activation.complete_with_code(bank.lobby("x"), "wang", reset, Secret(CHANGED), Secret(CHANGED))
    for code in (confirming, reset):
        secrets.add("a code of a channel", *as_code(code.get_secret_value()), only_in=post)
    secrets.add("an address", MINE.encode(), only_in=post)


def _shows(town: Town, colleague: str) -> Desk:
    """A colleague who may show half-codes."""
    return town.desk("teller2" if colleague == "manager" else colleague)


def nothing_was_found(scene: Scene) -> None:
    scene.watch.look()
    assert scene.watch.found == set()
    looks, files = scene.watch.looks, scene.watch.files
    print(f"\ncanary: {len(scene.secrets.needles)} kinds of secrets, {looks:,} looks, {files:,} files read, 0 found")


def test_the_canary_itself_would_be_found(scene: Scene) -> None:
    (scene.temporary / "left").write_text(f"left {CHANGED} here")
    scene.run("policy", "show", "--lang", WRONG)
    scene.watch.look()
    assert {each.split(" in ")[0] for each in scene.watch.found} >= {"a changed password", "a wrong password"}
    code = next(form for form in scene.secrets.needles["a code of a channel"])
    assert any(code in path.read_bytes() for path in (scene.home.folder / "data" / "outbox").iterdir())


def test_no_secret_stands_in_the_store_or_what_commands_leave(scene: Scene) -> None:
    scene.watch.look()
    kit, export = str(scene.folder / "kit"), str(scene.temporary / "log.csv")
    done = [
        scene.run("backup", "keygen", kit, "--as=admin", scene.password, scene.passphrase),
        scene.run("backup", "create", scene.passphrase, "--json"),
        scene.run("backup", "drill", f"--kit={kit}", scene.passphrase, "--as=admin2", scene.password),
        scene.run("log", "archive"),
        scene.run("log", "export", export, "--as=admin", scene.password),
        scene.run("backup", "restore", scene.newest, *scene.both, f"--kit={kit}", scene.passphrase),
    ]
    assert [(code, said) for code, said in done if code] == []
    nothing_was_found(scene)
    _inside_what_is_encrypted(scene)


@pytest.mark.proof
def test_no_secret_stands_in_what_any_command_leaves_on_two_machines(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.watch.look()
    kit = str(scene.folder / "kit")
    elsewhere = scene.folder / "elsewhere"
    elsewhere.mkdir()
    done = [
        scene.run("backup", "keygen", kit, "--as=admin", scene.password, scene.passphrase),
        scene.run("backup", "create", scene.passphrase, "--json"),
        scene.run("backup", "list"),
        scene.run("backup", "recipients"),
        scene.run("backup", "verify", scene.newest, f"--kit={kit}", scene.passphrase),
        scene.run("backup", "drill", f"--kit={kit}", scene.passphrase, "--as=admin2", scene.password),
        scene.run("log", "archive"),
        scene.run("log", "verify", "--deep"),
        scene.run("log", "export", str(elsewhere / "log.csv"), "--as=admin", scene.password),
        scene.run("log", "export", str(elsewhere / "log.json"), "--as=admin", scene.password),
        scene.run("doctor", "--deep"),
        scene.run("backup", "restore", scene.newest, *scene.both, f"--kit={kit}", scene.passphrase),
        scene.run("doctor", "--deep"),
    ]
    assert [(code, said) for code, said in done if code] == []
    wrong = f"--password-file={scene.file('wrong', WRONG)}"
    refused = [
        scene.run("op", "run", "session.me", "--as=admin", wrong),
        scene.run("backup", "restore", scene.newest, "--as=admin", wrong),
        scene.run("backup", "verify", scene.newest, f"--kit={kit}", f"--passphrase-file={scene.file('no', WRONG)}"),
    ]
    assert all(code for code, _ in refused)
    fresh = Home(elsewhere / "home")
    scene.secrets.allowed["the root key"] += (fresh.key,)
    shutil.copy(scene.home.backups / scene.newest, elsewhere)
    code, said = scene.run("backup", "restore", str(elsewhere / scene.newest), scene.passphrase, home=fresh)
    assert code == 0, said
    with capsys.disabled():
        nothing_was_found(scene)
    _inside_what_is_encrypted(scene)


def _inside_what_is_encrypted(scene: Scene) -> None:
    """Whoever has every key sees the sealed columns, and neither numbers nor passwords nor codes beside them."""
    with closing(Bank.open(scene.home, clock=SystemClock(), cost=4)) as bank:
        keys = bank.keys
    inside = scene.folder / "inside"
    inside.mkdir()
    for backup in scene.home.backups.glob("*.backup"):
        store = unpacked(backup, by_keys(keys), inside).store
        assert scene.secrets.found_in(store.read_bytes()) == []
        with lone_file(store) as connection:
            assert connection.execute("SELECT count(*) FROM card").fetchone() == (1,)
    own = age.identity_from(keys.backup)
    archives = list(scene.home.archives.glob("*.archive"))
    assert archives
    for archive in archives:
        for row in read_segment(archive, public_key_of(keys.signing), [own]):
            assert scene.secrets.found_in(repr(row).encode()) == [], row


def test_what_somebody_looks_for_in_the_log_stands_in_no_entry(scene: Scene) -> None:
    with closing(Bank.open(scene.home, clock=SystemClock(), cost=4)) as bank:
        admin = Town(bank).desk("admin")
        export_log(admin, scene.temporary / "log.csv", "csv", LogFilters(text=NUMBER))
        export_log(admin, scene.temporary / "log.json", "json", LogFilters(username=NUMBER))
    nothing_was_found(scene)


def test_a_crash_tells_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: object, **more: object) -> None:
        secret, number = PASSWORD, NUMBER
        try:
            raise ValueError(secret)
        except ValueError as error:
            raise RuntimeError(f"{number} {WRONG}") from error

    monkeypatch.setattr(backup_command, "given_kit", crash)
    answer = bankcard(scene.home, "backup", "verify", str(scene.home.key))
    assert "incident" in answer.err
    assert len(list((scene.home.folder / "data" / "incidents").iterdir())) == 1
    assert scene.secrets.found_in((answer.out + answer.err).encode()) == []
    nothing_was_found(scene)


def killed(scene: Scene, times: int, seed: int) -> int:
    """Kill commands at random moments; how many were still at work."""
    kit, dice, still = str(scene.folder / "kit"), random.Random(seed), 0
    assert scene.run("backup", "keygen", kit, "--as=admin", scene.password, scene.passphrase)[0] == 0
    assert scene.run("backup", "create", scene.passphrase)[0] == 0
    for turn in range(times):
        scene.run("backup", "create", scene.passphrase) if turn % 5 == 4 else None
        arguments = (
            ("backup", "create", scene.passphrase),
            ("backup", "verify", scene.newest),
            ("backup", "drill", f"--kit={kit}", scene.passphrase, "--as=admin2", scene.password),
            ("backup", "restore", scene.newest, *scene.both),
            ("log", "archive"),
        )[turn % 5]
        code, _ = scene.run(*arguments, kill_after=dice.uniform(0.4, 3.0))
        still += code == -9
    return still


def test_what_was_killed_leaves_no_secret(scene: Scene) -> None:
    still = killed(scene, 3, seed=1)
    print(f"\ncanary: {still} of 3 commands killed at work")
    nothing_was_found(scene)


@pytest.mark.proof
def test_what_was_killed_many_times_leaves_no_secret(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    still = killed(scene, 100, seed=2)
    with capsys.disabled():
        print(f"\ncanary: {still} of 100 commands killed at work")
        nothing_was_found(scene)
    assert still > 30
