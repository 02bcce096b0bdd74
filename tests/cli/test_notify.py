"""Messages from the command line, and the settings by which they go."""

from __future__ import annotations

import json
import socket
import threading
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bankcard_tui.config import Delivery, Home, settings
from bankcard_tui.delivery.local import FolderTransport
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.stand_in import DEMO_CODE
from bankcard_tui.errors import Unavailable
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.services import channels
from bankcard_tui.services.sign_in import sign_in
from bankcard_tui.services.transports import transport_of
from tests.branch import PASSWORD
from tests.cli.kit import bankcard


@pytest.fixture
def due(home: Home, tmp_path: Path) -> Home:
    """A home in which a message waits that could not be written into its folder."""
    (tmp_path / "in the way").write_text("a file")
    bank = Bank.open(home, cost=4, delivery=Delivery("file", folder=tmp_path / "in the way"))
    desk = sign_in(bank.lobby("desk"), "teller", PASSWORD)
    channels.propose(desk, ChannelKind.EMAIL, "t@example.com", Secret(PASSWORD))
    with bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE message SET next_try_at = made_at")
    bank.close()
    return home


def test_what_is_due_is_delivered_and_counted(due: Home) -> None:
    delivered = bankcard(due, "notify", "send", "--json", BANKCARD_DELIVERY_TRANSPORT="file")
    assert (delivered.code, delivered.data) == (0, {"sent": 1, "failed": 0, "given_up": 0, "in_doubt": 0, "held": 0})
    (letter,) = (due.folder / "data" / "outbox").glob("*.txt")
    assert "To: t@example.com" in letter.read_text()
    again = bankcard(due, "notify", "send", BANKCARD_DELIVERY_TRANSPORT="file")
    assert (again.code, again.out, again.err) == (0, "", "0 messages were delivered.\n")


def test_the_console_prints_the_message_on_stderr(due: Home) -> None:
    answer = bankcard(due, "notify", "send", BANKCARD_DELIVERY_TRANSPORT="console")
    assert (answer.code, answer.out) == (0, "")
    assert "With " in answer.err
    assert "1 message was delivered." in answer.err


def test_what_does_not_go_is_said_even_quietly(due: Home, tmp_path: Path) -> None:
    chosen = {"BANKCARD_DELIVERY_TRANSPORT": "file", "BANKCARD_DELIVERY_FOLDER": str(tmp_path / "in the way")}
    answer = bankcard(due, "--quiet", "notify", "send", **chosen)
    assert answer.code == 1
    assert "1 message could not be delivered now" in answer.err


def test_messages_are_listed_with_their_state_and_nothing_of_what_they_say(due: Home) -> None:
    (listed,) = bankcard(due, "notify", "list", "--json").data
    assert (listed["state"], listed["address"], listed["problem"]) == ("waiting", "t***@example.com", "file.eexist")
    shown = bankcard(due, "notify", "list")
    assert "Waits to be sent" in shown.out
    assert "channel.code" in shown.out
    assert "t@example.com" not in shown.out
    assert bankcard(due, "notify", "list", "--state", "in_doubt", "--json").data == []
    bankcard(due, "notify", "send", BANKCARD_DELIVERY_TRANSPORT="file")
    (gone,) = bankcard(due, "notify", "list", "--state", "delivered", "--json").data
    assert gone["address"] == ""


def test_a_message_in_doubt_is_named_and_where_to_look(due: Home) -> None:
    bank = Bank.open(due, cost=4)
    with bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE message SET once = 1, kind = 'sms', expires_at = expires_at + 86400000000")
        policy = "json_set(policy, '$.quiet_from_hour', 0, '$.quiet_until_hour', 0)"
        connection.exec_driver_sql(f"UPDATE policy_version SET policy = {policy}")
    bank.close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        threading.Thread(target=_takes_and_hangs_up, args=(listener,)).start()
        url = due.folder / "sms.url"
        url.write_text(f"json://127.0.0.1:{listener.getsockname()[1]}/{{address}}")
        url.chmod(0o600)
        chosen = {"BANKCARD_DELIVERY_TRANSPORT": "apprise", "BANKCARD_DELIVERY_SMS_URL_FILE": str(url)}
        answer = bankcard(due, "notify", "send", **chosen)
    assert (answer.code, answer.out) == (1, "")
    assert "Of 1 message nobody knows whether they arrived; see: bankcard" in answer.err
    (listed,) = bankcard(due, "notify", "list", "--state", "in_doubt", "--json").data
    assert listed["problem"] == "http.unanswered"


def _takes_and_hangs_up(listener: socket.socket) -> None:
    with listener.accept()[0] as client:
        client.recv(65536)


def test_in_the_quiet_hours_notices_are_held_and_it_says_until_when(due: Home) -> None:
    bank = Bank.open(due, cost=4)
    now = datetime.now(ZoneInfo(bank.branch.zone))
    with bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE message SET once = 1, expires_at = expires_at + 864000000000")
        hours = f"'$.quiet_from_hour', {(now.hour - 2) % 24}, '$.quiet_until_hour', {(now.hour + 2) % 24}"
        connection.exec_driver_sql(f"UPDATE policy_version SET policy = json_set(policy, {hours})")
    bank.close()
    answer = bankcard(due, "notify", "send", BANKCARD_DELIVERY_TRANSPORT="file")
    assert (answer.code, answer.out) == (0, "")
    assert f"1 message waits until {(now.hour + 2) % 24:02}:00" in answer.err


def test_a_branch_where_nothing_is_set_up_says_how(due: Home) -> None:
    answer = bankcard(due, "notify", "send")
    assert answer.code == 5
    assert "[delivery]" in answer.err


def test_a_code_for_a_password_is_sent_and_used_without_a_screen(home: Home, tmp_path: Path) -> None:
    """An own channel is given from the shell: the password comes from a file, the code from the message."""
    password, given = tmp_path / "password", tmp_path / "given.json"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    given.write_text(json.dumps({"kind": "email", "address": "t@example.com", "password": PASSWORD}))
    run = ["op", "run", "channel.propose", "--as", "teller", "--password-file", str(password)]
    answer = bankcard(home, *run, "--input", f"@{given}", BANKCARD_DELIVERY_TRANSPORT="console")
    assert answer.code == 0, answer.err
    assert answer.data["address"] == "t***@example.com"
    assert "To: t@example.com" in answer.err


def test_a_demo_branch_writes_files_and_others_send_nothing(home: Home, tmp_path: Path) -> None:
    bank = Bank.open(home, cost=4)
    assert transport_of(bank) is None
    bank.close()
    folder = Home(tmp_path / "demo")
    demo = Bank.create(folder, bank="B", branch="H", code=DEMO_CODE, cost=4, durable=False)
    assert transport_of(demo) == FolderTransport(folder.store.parent / "outbox")
    demo.delivery = Delivery("none")
    assert transport_of(demo) is None
    demo.close()


def delivery(tmp_path: Path, text: str, flags: dict[str, str | None] | None = None, **env: str) -> Delivery:
    folder = tmp_path / "bankcard"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text)
    return settings(flags, {"XDG_CONFIG_HOME": str(tmp_path), **env}).delivery


def test_settings_come_from_flags_then_the_environment_then_the_file(tmp_path: Path) -> None:
    text = '[delivery]\ntransport = "smtp"\nhost = "a.example"\nport = 25\nstarttls = false\nsender = "c@a.example"\n'
    read = delivery(tmp_path, text)
    assert read == Delivery("smtp", host="a.example", port=25, starttls=False, sender="c@a.example")
    assert delivery(tmp_path, text, BANKCARD_DELIVERY_HOST="b.example").host == "b.example"
    flags: dict[str, str | None] = {"delivery_host": "c.example"}
    assert delivery(tmp_path, text, flags, BANKCARD_DELIVERY_HOST="b.example").host == "c.example"
    assert delivery(tmp_path, "") == Delivery()
    both = delivery(tmp_path, text.replace("smtp", "smtp, apprise") + 'app_url_file = "/etc/app.url"\n')
    assert (both.transports, both.app_url_file) == (("smtp", "apprise"), Path("/etc/app.url"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('transport = "pigeon"', "transport is one of none, file, console, smtp, apprise"),
        ('transport = "smtp, pigeon"', "transport is one of none"),
        ('transport = "apprise"', "apprise needs one of sms_url_file"),
        ('transport = "smtp"\nhost = "a.example"', "smtp needs host and sender"),
        ("port = 70000", "port is a number"),
        ('port = "²"', "port is a number"),
        ('starttls = "maybe"', "starttls is true or false"),
    ],
)
def test_settings_that_can_not_be_are_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"The settings of \[delivery\]") as problem:
        delivery(tmp_path, f"[delivery]\n{text}\n")
    assert said in str(problem.value)


def test_what_a_notice_tells_of_and_why_it_was_kept_is_said_in_words(due: Home) -> None:
    bank = Bank.open(due, cost=4)
    with bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE message SET about = 'limit.raise', problem = 'no_channel'")
    bank.close()
    shown = bankcard(due, "--lang", "zh_CN", "notify", "list").out
    assert "提额" in shown
    assert "未接受任何通知渠道" in shown
    assert "limit.raise" not in shown
