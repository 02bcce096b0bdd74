"""At the counter with the person: the three witnesses, a claim settled, half of an activation code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast
from uuid import UUID

from textual.content import Content

from bankcard_tui.errors import Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.teller.questions import WITNESSES
from bankcard_tui.screens.teller.working import TellerScreen, joined, short
from bankcard_tui.services.activation import HalfCode, show_half
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.identity import settle_claim, verify_identity
from bankcard_tui.services.registration import open_account
from bankcard_tui.widgets.dialogs import Ask, Message, Words
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, heading, toned

GENUINE = "genuine"


def ask_and_send(
    screen: TellerScreen,
    title: Words,
    body: Words,
    fields: list[Field],
    submit: str,
    send: Callable[[Mapping[str, object], str], object],
    then: Callable[[object], object],
    reload: Callable[[], object],
) -> None:
    """A small form over a file: ``then`` gets the answer; a file that somebody changed is read again on Esc."""
    outdated = False

    def sending(values: dict[str, object], key: str) -> object:
        nonlocal outdated
        try:
            return send(values, key)
        except Conflict:
            outdated = True
            raise

    def closed(answer: object) -> None:
        if answer is not None:
            then(answer)
        elif outdated:
            reload()

    screen.app.push_screen(Ask(title, fields, sending, body=body, submit=submit), closed)


def record_witnesses(screen: TellerScreen, file: CustomerFile, reload: Callable[[], object]) -> None:
    """Three ticks; only all three verify the identity, fewer are recorded as what they are."""

    def send(values: Mapping[str, object], key: str) -> object:
        seen = {name: bool(values[name]) for name in ("saw_person", "saw_documents", "saw_signature")}
        return verify_identity(screen.desk.once(key), file.id, file.version, **seen).view

    def then(verified: object) -> None:
        reload()
        if verified:
            screen.say(tr("The identity of {name} is verified.", name=short(file.name)))
        else:
            screen.say(tr("Recorded. The identity is not verified: one of the three is missing."), warning=True)

    def body() -> str:
        return joined(
            (
                tr("{name}, ID number ending in {last4}.", name=short(file.name), last4=file.id_number[-4:]),
                tr("Only all three verify the identity. Without them no card is issued."),
            )
        )

    ask_and_send(screen, lambda: tr("Three witnesses"), body, list(WITNESSES), mark("Record"), send, then, reload)


def settle(
    screen: TellerScreen, file: CustomerFile, then: Callable[[UUID], object], reload: Callable[[], object]
) -> None:
    """Is whoever registered with a known ID number that person? ``then`` gets the record that holds from now on."""

    def send(values: Mapping[str, object], key: str) -> object:
        desk, genuine = screen.desk.once(key), values["genuine"] == GENUINE
        return settle_claim(desk, file.id, file.version, genuine, cast(str, values["note"])).view

    fields = [
        Field(
            "genuine",
            mark("The claim is"),
            "choice",
            hint=mark("Genuine: sign-in and applications move to the known customer. False: the sign-in is closed."),
            options=((GENUINE, mark("genuine: it is the same person")), ("false", mark("false: somebody else"))),
        ),
        Field("note", mark("Note"), hint=mark("What you compared: photo, signature, old papers."), most=200),
    ]
    ask_and_send(
        screen,
        lambda: tr("Settle the claim"),
        lambda: joined(
            (
                tr("{name} registered alone with an ID number that the bank knows already.", name=short(file.name)),
                tr("Compare the person, the ID card and the known customer before you settle."),
            )
        ),
        fields,
        mark("Settle"),
        send,
        lambda record: then(cast(UUID, record)),
        reload,
    )


def open_sign_in(screen: TellerScreen, file: CustomerFile, reload: Callable[[], object]) -> None:
    """A sign-in for a customer who was taken over from a file and has none yet."""

    def send(values: Mapping[str, object], key: str) -> object:
        return open_account(screen.desk.once(key), file.id, cast(str, values["username"])).view

    def then(opened: object) -> None:
        reload()
        screen.say(tr("The account waits for its activation: press o again for the first half of the code."))

    suggestion = file.contact.phone.removeprefix("+86")
    hint = mark("For signing in. Suggested: the phone number.")
    fields = [Field("username", mark("User name"), hint=hint, value=suggestion, most=32)]
    body = partial(tr, mark("{name} has no account to sign in yet."), name=short(file.name))
    ask_and_send(screen, lambda: tr("Open an account"), body, fields, mark("Open"), send, then, reload)


def show_code(screen: TellerScreen, file: CustomerFile, account: UUID, reload: Callable[[], object]) -> None:
    """One half of an activation code, shown once; a colleague shows the other half."""

    def shown(code: HalfCode) -> None:
        screen.app.push_screen(
            Message(lambda: tr("Half {half} of the activation code", half=code.half), lambda: _code(screen, code))
        )

    screen.confirmed(
        lambda: tr("Show half of an activation code?"),
        lambda: joined(
            (
                tr("{name} signs in as {username}.", name=short(file.name), username=file.username),
                tr("The code is shown once, to you alone. Two colleagues each show one half."),
            )
        ),
        lambda: tr("Show it now"),
        lambda desk: show_half(desk, account).view,
        shown,
        on_conflict=reload,
    )


def _code(screen: TellerScreen, code: HalfCode) -> Content:
    half = (
        tr("Tell the customer. This is the first half: a colleague shows the second.")
        if code.half == 1
        else tr("Tell the customer. This is the second half: a colleague has shown the first.")
    )
    return Content.assemble(
        "\n",
        " " * 10,
        heading(f"  {'  '.join(code.code)}  ").stylize(f"{Tone.ACCENT} reverse"),
        "\n\n",
        tr("User name: {username}", username=code.username),
        "\n",
        tr("Valid until {moment}", moment=screen.at(code.expires_at)),
        "\n\n",
        half,
        "\n",
        toned(tr("The customer types both halves on the sign-in screen and chooses the password alone."), Tone.MUTED),
    )
