"""E-mail by SMTP, over TLS whose certificate is checked; without TLS to this very machine alone.

Sources: RFC 5321 (replies: 4xx another time, 5xx never; 4.5.2: dots; 4.5.3.2.6: whoever hears no reply to the dot that
ends a mail can't know whether it was taken), RFC 3207 (STARTTLS), RFC 5322 (Message-ID).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.delivery.secret_file import secret_line
from bankcard_tui.rules.terms import Channel

TIMEOUT_SECONDS = 10.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
"""What can stand between the angle brackets of a command, and in a header, as one address."""
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MailTransport:
    """Sends by the server at ``host``. ``starttls`` may be off only where that is this machine.

    ``timeout`` (seconds) holds for each step of the conversation. ``authority`` is a file of certificates to trust in
    place of the system's.
    """

    host: str
    port: int
    sender: str
    starttls: bool = True
    user: str = ""
    password_file: Path | None = None
    authority: Path | None = None
    timeout: float = TIMEOUT_SECONDS
    kinds: ClassVar[frozenset[Channel]] = frozenset({Channel.EMAIL})

    def send(self, letter: Letter) -> None:
        if letter.kind is not Channel.EMAIL:
            raise Undelivered("smtp.no_mail", final=True)
        if not self.starttls and self.host not in LOOPBACK:
            raise Undelivered("smtp.needs_tls", unreachable=True)
        if not _ADDRESS.fullmatch(letter.address):
            raise Undelivered("smtp.bad_address", final=True)
        content = _LEADING_DOT.sub(b"..", self._mail(letter).as_bytes())
        with _named_problems():
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            with _named_problems():
                self._introduce(server)
                _expect(server.mail(self.sender), 250)
                _expect(server.rcpt(letter.address), 250, 251)
                _expect(server.docmd("DATA"), 354)
            with _named_problems(in_doubt=True):
                server.send(content + b".\r\n")
                code = server.getreply()[0]
                if not 200 <= code < 300:
                    raise _answered(code, in_doubt=not 400 <= code < 600)
            # The server has the mail: whatever becomes of the farewell changes nothing.
            with suppress(OSError):
                server.quit()
        finally:
            server.close()

    def _introduce(self, server: smtplib.SMTP) -> None:
        """Begin the conversation, over TLS and with a password where there is one."""
        if self.starttls:
            server.starttls(context=ssl.create_default_context(cafile=self.authority))
        server.ehlo_or_helo_if_needed()
        if self.user:
            server.login(self.user, self._password())

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage(_SEVEN_BIT)
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.address, " ".join(letter.subject.split())
        mail["Date"] = format_datetime(letter.sent_at)
        mail["Message-ID"] = f"<{letter.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail

    def _password(self) -> str:
        """The first line of the password file."""
        return secret_line(
            self.password_file, missing="smtp.no_password", open_to_others="smtp.password_open_to_others"
        )


@contextmanager
def _named_problems(*, in_doubt: bool = False) -> Iterator[None]:
    """Raise what goes wrong in a conversation as Undelivered; ``in_doubt``: where no answer comes, the mail may have
    arrived.
    """
    try:
        yield
    except smtplib.SMTPAuthenticationError:
        raise Undelivered("smtp.login", unreachable=True) from None
    except smtplib.SMTPNotSupportedError:
        raise Undelivered("smtp.no_tls", unreachable=True) from None
    except smtplib.SMTPServerDisconnected as error:
        # A server that says nothing in time is closed by smtplib, which tells a disconnection.
        late = isinstance(error.__context__, TimeoutError)
        code = "smtp.timeout" if late else "smtp.disconnected"
        raise Undelivered(code, unreachable=True, in_doubt=in_doubt) from None
    except smtplib.SMTPResponseException as answer:
        raise _answered(answer.smtp_code, in_doubt=in_doubt) from None
    except smtplib.SMTPException:
        raise Undelivered("smtp.failed", in_doubt=in_doubt) from None
    except ssl.SSLError:
        raise Undelivered("smtp.certificate", unreachable=True, in_doubt=in_doubt) from None
    except TimeoutError:
        raise Undelivered("smtp.timeout", unreachable=True, in_doubt=in_doubt) from None
    except OSError:
        raise Undelivered("smtp.unreachable", unreachable=True, in_doubt=in_doubt) from None


def _expect(reply: tuple[int, bytes], *codes: int) -> None:
    """Raise Undelivered for a reply with another code than these."""
    if reply[0] not in codes:
        raise _answered(reply[0])


def _answered(code: int, *, in_doubt: bool = False) -> Undelivered:
    """The problem in a server's reply: its number alone, since the words may repeat the address."""
    return Undelivered(f"smtp.{code}", final=500 <= code < 600 and not in_doubt, in_doubt=in_doubt)
