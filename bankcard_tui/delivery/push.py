"""Text messages, e-mail and app messages by apprise (the extra ``notify``), which knows the services that send them.

apprise says no more than that a message did not go. Whether another try could send it twice is seen from the requests
that it made: a message of which none reached a service, or that a service refused, may be tried again; of any other
nobody knows.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.delivery.secret_file import secret_line
from bankcard_tui.rules.terms import Channel

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

ADDRESS = "{address}"
"""Stands in the URL of a service where the address of each message goes."""

UNREACHED = "http.unreachable"
UNANSWERED = "http.unanswered"
_NOT_THIS_MESSAGE = frozenset({400, 406, 410, 413, 414, 415, 422})
"""Answers of services that refuse this message for good (RFC 9110)."""

_NOT_US = frozenset({401, 403})
"""Answers of services that take nothing from this branch."""

_NOT_NOW = 503
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class AppriseTransport:
    """Sends each kind of message by the service whose URL stands in a file, with ``{address}`` where it goes to."""

    url_files: Mapping[Channel, Path]

    @property
    def kinds(self) -> frozenset[Channel]:
        return frozenset(self.url_files)

    def send(self, letter: Letter) -> None:
        path = self.url_files.get(letter.kind)
        template = secret_line(path, missing="apprise.no_url", open_to_others="apprise.url_open_to_others")
        if ADDRESS not in template:
            raise Undelivered("apprise.no_address_in_url", unreachable=True)
        try:
            from apprise import Apprise, AppriseAsset, NotifyFormat
        except ModuleNotFoundError:
            raise Undelivered("apprise.not_installed", unreachable=True) from None
        # What it logs repeats addresses, and would be written over the screen.
        logging.getLogger("apprise").addHandler(logging.NullHandler())
        asset = AppriseAsset(app_id="bankcard", app_desc="bankcard", async_mode=False)
        service = Apprise.instantiate(template.replace(ADDRESS, quote(letter.address, safe="")), asset=asset)
        if service is None:
            raise Undelivered("apprise.bad_url", unreachable=True)
        service.retry = 0
        box = Apprise(servers=[service], asset=asset)
        with _lock, _watched() as seen:
            sent = box.notify(letter.body, letter.subject, body_format=NotifyFormat.TEXT)
        if not sent:
            raise _problem(seen)


def _problem(seen: list[str]) -> Undelivered:
    """Why a message did not go, after what was ``seen`` of the requests for it."""
    if not seen:
        return Undelivered("apprise.failed", in_doubt=True)  # by another way than HTTP, or not tried at all
    last = seen[-1]
    if not all(each == UNREACHED or _refused(each) for each in seen):
        return Undelivered(last, in_doubt=True)
    status = _status(last)
    return Undelivered(last, final=status in _NOT_THIS_MESSAGE, unreachable=last == UNREACHED or status in _NOT_US)


def _refused(seen: str) -> bool:
    """Whether a service answered that it does not take a request; of 500 and its like nobody knows what was done."""
    return 300 <= _status(seen) < 500 or _status(seen) == _NOT_NOW


def _status(seen: str) -> int:
    """The status of an answer; 0 where there was none."""
    return int(seen[len("http.") :]) if seen not in (UNREACHED, UNANSWERED) else 0


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What becomes of the requests made meanwhile: the status of each answer, UNREACHED or UNANSWERED."""
    import requests

    seen: list[str] = []
    send = requests.Session.send

    def watched(self: Session, request: PreparedRequest, **options: Any) -> Response:
        try:
            answer = send(self, request, **options)
        except requests.RequestException as error:
            seen.append(UNREACHED if _never_connected(error) else UNANSWERED)
            raise
        seen.append(f"http.{answer.status_code}")
        return answer

    # apprise hands out neither answers nor errors, and requests has no hook for failures.
    requests.Session.send = watched  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        requests.Session.send = send  # type: ignore[method-assign]


def _never_connected(error: BaseException) -> bool:
    """Whether a request failed before the service could have seen any of it."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    causes: list[object] = [error]
    for each in causes:
        if isinstance(each, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError):
            return True
        if isinstance(each, BaseException):
            causes += [getattr(each, "reason", None), *each.args]
    return False
