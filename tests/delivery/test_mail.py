"""E-mail against a real server on this machine: what it answers, or does not, becomes a problem with a name."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.delivery.mail import MailTransport
from bankcard_tui.rules.terms import Channel

HERE = "127.0.0.1"
LETTER = Letter(
    UUID(int=7),
    Channel.EMAIL,
    "zhang@example.com",
    "港湾支行验证码",
    "With ABCD-2345 …",
    datetime(2026, 3, 2, tzinfo=UTC),
)


class Post:
    """A mail server that keeps what it takes, and gives the answers it was told to give."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.taken: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "data" in self.answers:
            return self.answers["data"]
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default), session.ssl))
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def serving(post: Post, **options: Any) -> Iterator[int]:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]  # free again at once: the controller takes no port that is listened on
    controller = Controller(post, hostname=HERE, port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def answering(*lines: bytes) -> Iterator[int]:
    """A server that says these lines, one for each that comes, then waits; with ``b""`` it hangs up."""
    done = threading.Event()

    def talk() -> None:
        with listener.accept()[0] as client, client.makefile("rb") as said:
            for line in lines:
                if not line:
                    return
                client.sendall(line)
                if line.startswith(b"354"):
                    while said.readline() not in (b".\r\n", b""):
                        pass
                elif not line.startswith(b"220"):
                    said.readline()
            done.wait(10)

    with socket.create_server((HERE, 0)) as listener:
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def plain_mail(port: int, **options: Any) -> MailTransport:
    return MailTransport(HERE, port, "cards@bank.example", starttls=False, **options)


def problem_of(transport: MailTransport, letter: Letter = LETTER) -> Undelivered:
    with pytest.raises(Undelivered) as problem:
        transport.send(letter)
    assert letter.address not in str(problem.value)
    return problem.value


def test_a_letter_arrives_whole_under_its_own_id() -> None:
    post = Post()
    with serving(post) as port:
        plain_mail(port).send(LETTER)
        plain_mail(port).send(LETTER)
    (recipients, mail, _), (_, second, _) = post.taken
    assert recipients == ["zhang@example.com"]
    assert (mail["Subject"], mail["From"]) == ("港湾支行验证码", "cards@bank.example")
    assert mail.get_content().strip() == LETTER.body
    assert mail["Message-ID"] == second["Message-ID"] == f"<{LETTER.id}@bank.example>"


@pytest.mark.parametrize(
    ("answers", "code", "final"),
    [
        ({"rcpt": "450 busy zhang@example.com"}, "smtp.450", False),
        ({"rcpt": "550 no such zhang@example.com"}, "smtp.550", True),
        ({"data": "451 later"}, "smtp.451", False),
        ({"data": "554 spam"}, "smtp.554", True),
    ],
)
def test_what_the_server_answers_says_whether_to_try_again(answers: dict[str, str], code: str, final: bool) -> None:
    with serving(Post(**answers)) as port:
        problem = problem_of(plain_mail(port))
    assert (problem.code, problem.final, problem.unreachable) == (code, final, False)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "smtp.timeout"),
        ((b"220 mail\r\n",), "smtp.timeout"),
        ((b"220 mail\r\n", b""), "smtp.disconnected"),
        ((b"421 go away\r\n", b""), "smtp.421"),
    ],
)
def test_a_server_that_hangs_or_hangs_up_holds_nobody(lines: tuple[bytes, ...], code: str) -> None:
    with answering(*lines) as port:
        problem = problem_of(plain_mail(port, timeout=0.3))
    assert problem.code == code
    assert not problem.final


CONVERSATION = (b"220 mail\r\n", b"250 here\r\n", b"250 sender\r\n", b"250 recipient\r\n")
TAKES = (*CONVERSATION, b"354 go on\r\n")


@pytest.mark.parametrize(
    ("lines", "code", "in_doubt"),
    [
        (CONVERSATION, "smtp.timeout", False),
        ((*CONVERSATION, b""), "smtp.disconnected", False),
        ((*CONVERSATION, b"451 not now\r\n"), "smtp.451", False),
        (TAKES, "smtp.timeout", True),
        ((*TAKES, b""), "smtp.disconnected", True),
        ((*TAKES, b"what?\r\n"), "smtp.-1", True),
        ((*TAKES, b"250" + b"x" * 9000 + b"\r\n"), "smtp.500", True),
        ((*TAKES, b"452 full\r\n"), "smtp.452", False),
    ],
)
def test_a_mail_is_in_doubt_from_its_dot_to_the_answer(lines: tuple[bytes, ...], code: str, in_doubt: bool) -> None:
    with answering(*lines) as port:
        problem = problem_of(plain_mail(port, timeout=0.3))
    assert (problem.code, problem.in_doubt, problem.final) == (code, in_doubt, False)


@pytest.mark.parametrize("farewell", [(), (b"",), (b"421 too slow\r\n",)])
def test_a_server_that_took_the_mail_need_not_say_goodbye(farewell: tuple[bytes, ...]) -> None:
    with answering(*TAKES, b"250 taken\r\n", *farewell) as port:
        plain_mail(port, timeout=0.3).send(LETTER)


def test_lines_that_begin_with_a_dot_and_subjects_of_two_lines_arrive() -> None:
    post = Post()
    with serving(post) as port:
        plain_mail(port).send(replace(LETTER, body=".\n..hidden\nend", subject="Limit\nBcc: x@example.com"))
    ((recipients, mail, _),) = post.taken
    assert (recipients, mail["Bcc"]) == (["zhang@example.com"], None)
    assert mail["Subject"] == "Limit Bcc: x@example.com"
    assert mail.get_content().splitlines() == [".", "..hidden", "end"]


def test_where_nobody_listens_the_transport_is_down() -> None:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    problem = problem_of(plain_mail(port))
    assert (problem.code, problem.unreachable) == ("smtp.unreachable", True)


def test_mail_goes_over_tls_with_a_password_from_a_file(certificate: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secret = tmp_path / "password"
    secret.write_text("quiet canal\n")
    secret.chmod(0o600)

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"cards", b"quiet canal"), handled=False)

    post = Post()
    options: dict[str, Any] = {"user": "cards", "password_file": secret, "authority": certificate}
    with serving(post, tls_context=context, require_starttls=True, authenticator=knows, auth_required=True) as port:
        mail = MailTransport(HERE, port, "cards@bank.example", **options)
        mail.send(LETTER)
        stranger = MailTransport(HERE, port, "cards@bank.example", **options | {"authority": None})
        assert problem_of(stranger).code == "smtp.certificate"
        secret.chmod(0o640)
        assert problem_of(mail).code == "smtp.password_open_to_others"
        secret.chmod(0o600)
        secret.write_text("loud canal\n")
        assert problem_of(mail).code == "smtp.login"
        os.unlink(secret)
        assert problem_of(mail).code == "smtp.no_password"
    assert len(post.taken) == 1
    assert post.taken[0][2] is not None


def test_nothing_goes_in_clear_to_another_machine() -> None:
    post = Post()
    with serving(post) as port:
        assert problem_of(MailTransport(HERE, port, "cards@bank.example")).code == "smtp.no_tls"
    abroad = MailTransport("mail.invalid", 25, "cards@bank.example", starttls=False)
    assert problem_of(abroad).code == "smtp.needs_tls"
    assert post.taken == []


@pytest.mark.parametrize(
    "address", ["", "a b@example.com", "a@b.example>,<c@d.example", "a@b.example\r\nBcc: c@d", "王@b.example"]
)
def test_what_is_no_address_is_never_handed_to_a_server(address: str) -> None:
    nowhere = MailTransport(HERE, 9, "bank@example.com", starttls=False)
    with pytest.raises(Undelivered) as problem:
        nowhere.send(replace(LETTER, address=address))
    assert (problem.value.code, problem.value.final) == ("smtp.bad_address", True)
