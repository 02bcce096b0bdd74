"""E-mail by SMTP, over TLS whose certificate is checked; without TLS to this very machine alone.

Sources: RFC 5321 (replies: 4xx another time, 5xx never), RFC 3207 (STARTTLS), RFC 5322 (Message-ID).
"""

from __future__ import annotations

import os
import smtplib
import ssl
import stat
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.rules.terms import Channel

TIMEOUT_SECONDS = 10.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_PASSWORD = 1024


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
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context(cafile=self.authority))
                if self.user:
                    server.login(self.user, self._password())
                server.send_message(self._mail(letter), self.sender, [letter.address])
        except smtplib.SMTPRecipientsRefused as refused:
            raise _answered(*refused.recipients[letter.address]) from None
        except smtplib.SMTPAuthenticationError:
            raise Undelivered("smtp.login", unreachable=True) from None
        except smtplib.SMTPNotSupportedError:
            raise Undelivered("smtp.no_tls", unreachable=True) from None
        except smtplib.SMTPServerDisconnected as error:
            # A server that says nothing in time is closed by smtplib, which tells a disconnection.
            late = isinstance(error.__context__, TimeoutError)
            raise Undelivered("smtp.timeout" if late else "smtp.disconnected", unreachable=True) from None
        except smtplib.SMTPResponseException as answer:
            raise _answered(answer.smtp_code, answer.smtp_error) from None
        except smtplib.SMTPException:
            raise Undelivered("smtp.failed") from None
        except ssl.SSLError:
            raise Undelivered("smtp.certificate", unreachable=True) from None
        except TimeoutError:
            raise Undelivered("smtp.timeout", unreachable=True) from None
        except OSError:
            raise Undelivered("smtp.unreachable", unreachable=True) from None

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.address, letter.subject
        mail["Date"] = format_datetime(letter.sent_at)
        mail["Message-ID"] = f"<{letter.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail

    def _password(self) -> str:
        """The first line of the password file. Raises Undelivered when it is missing or others can read it."""
        if self.password_file is None:
            raise Undelivered("smtp.no_password", unreachable=True)
        try:
            with self.password_file.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise Undelivered("smtp.password_open_to_others", unreachable=True)
                return file.readline(LONGEST_PASSWORD).decode().rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise Undelivered("smtp.no_password", unreachable=True) from None


def _answered(code: int, said: bytes | str) -> Undelivered:
    """The problem in a server's reply: its number alone, since the words may repeat the address."""
    return Undelivered(f"smtp.{code}", final=500 <= code < 600)
