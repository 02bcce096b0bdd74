"""Messages by apprise to a real service on this machine: what it answers says whether another try could send twice."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.delivery.push import AppriseTransport
from bankcard_tui.delivery.several import Several
from bankcard_tui.rules.terms import Channel

HERE = "127.0.0.1"
LETTER = Letter(
    UUID(int=7),
    Channel.SMS,
    "+8613800138000",
    "",
    "【测试银行】额度已提高 <b>&{x}",
    datetime(2026, 3, 2, tzinfo=UTC),
)


@contextmanager
def service(status: int = 200, *, late: float = 0, hangs_up: bool = False) -> Iterator[tuple[int, list[Any]]]:
    """A service that takes JSON, and answers everybody alike."""
    taken: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((unquote(self.path), json.loads(body)))
            time.sleep(late)
            if not hangs_up:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer((HERE, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port, taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def url_file(tmp_path: Path) -> Path:
    file = tmp_path / "sms.url"
    file.touch(0o600)
    return file


def texting(url_file: Path, port: int, more: str = "") -> AppriseTransport:
    url_file.write_text(f"json://{HERE}:{port}/to/{{address}}/?cto=0.5&rto=0.3{more}\n")
    return AppriseTransport({Channel.SMS: url_file})


def problem_of(transport: AppriseTransport, letter: Letter = LETTER) -> tuple[str, bool, bool, bool]:
    with pytest.raises(Undelivered) as problem:
        transport.send(letter)
    assert letter.address not in str(problem.value)
    return (problem.value.code, problem.value.final, problem.value.unreachable, problem.value.in_doubt)


def test_a_text_message_arrives_as_it_was_written_at_the_number_it_is_for(url_file: Path) -> None:
    with service() as (port, taken):
        texting(url_file, port).send(LETTER)
    ((path, said),) = taken
    assert path == "/to/+8613800138000/"
    assert (said["message"], said["title"]) == (LETTER.body, "")


def test_an_address_can_not_lead_to_another_service(url_file: Path) -> None:
    hostile = Letter(UUID(int=8), Channel.SMS, "x/../../y?z=1&rto=9#@evil.example", "s", "b", LETTER.sent_at)
    with service() as (port, taken):
        texting(url_file, port).send(hostile)
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("status", "final", "unreachable", "in_doubt"),
    [
        (400, True, False, False),
        (401, False, True, False),
        (404, False, False, False),
        (429, False, False, False),
        (503, False, False, False),
        (500, False, False, True),
        (504, False, False, True),
    ],
)
def test_what_the_service_answers_says_whether_to_try_again(
    status: int, final: bool, unreachable: bool, in_doubt: bool, url_file: Path
) -> None:
    with service(status) as (port, taken):
        assert problem_of(texting(url_file, port, "&retry=3")) == (f"http.{status}", final, unreachable, in_doubt)
    assert len(taken) == 1


def test_where_nobody_listens_the_message_can_go_later(url_file: Path) -> None:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    assert problem_of(texting(url_file, port)) == ("http.unreachable", False, True, False)


def test_a_service_that_takes_a_message_and_says_nothing_leaves_it_in_doubt(url_file: Path) -> None:
    with service(late=1) as (port, taken):
        assert problem_of(texting(url_file, port)) == ("http.unanswered", False, False, True)
    with service(hangs_up=True) as (port, more):
        assert problem_of(texting(url_file, port)) == ("http.unanswered", False, False, True)
    assert (len(taken), len(more)) == (1, 1)


def test_a_service_that_comes_back_takes_the_next_message(url_file: Path) -> None:
    with service(503) as (port, _):
        problem_of(texting(url_file, port))
    with service() as (port, taken):
        texting(url_file, port).send(LETTER)
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("json://127.0.0.1:9/{address}", 0o640, "apprise.url_open_to_others"),
        ("json://127.0.0.1:9/everybody", 0o600, "apprise.no_address_in_url"),
        ("pigeon://127.0.0.1:9/{address}", 0o600, "apprise.bad_url"),
        ("", 0o600, "apprise.no_address_in_url"),
    ],
)
def test_a_url_that_can_not_be_used_is_named(text: str, mode: int, code: str, url_file: Path) -> None:
    url_file.write_text(text)
    url_file.chmod(mode)
    assert problem_of(AppriseTransport({Channel.SMS: url_file})) == (code, False, True, False)
    url_file.unlink()
    assert problem_of(AppriseTransport({Channel.SMS: url_file}))[0] == "apprise.no_url"


def test_without_the_extra_it_says_so(url_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert problem_of(texting(url_file, 9)) == ("apprise.not_installed", False, True, False)


def test_nothing_is_written_over_the_screen(url_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with service(500) as (port, _):
        problem_of(texting(url_file, port))
    assert capfd.readouterr() == ("", "")


def test_of_several_transports_each_letter_goes_by_the_first_that_reaches_it() -> None:
    class Way:
        def __init__(self, *kinds: Channel) -> None:
            self.kinds, self.taken = frozenset(kinds), list[Letter]()

        def send(self, letter: Letter) -> None:
            self.taken.append(letter)

    first, second = Way(Channel.EMAIL), Way(Channel.EMAIL, Channel.SMS)
    both = Several((first, second))
    both.send(LETTER)
    both.send(Letter(UUID(int=9), Channel.EMAIL, "a@example.com", "", "", LETTER.sent_at))
    assert ([each.kind for each in first.taken], second.taken) == ([Channel.EMAIL], [LETTER])
    assert both.kinds == {Channel.EMAIL, Channel.SMS}
