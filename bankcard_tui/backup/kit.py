"""The recovery kit: what opens the backups of a bank on a machine where nothing else is left.

Its file is an identity file of age (``age --decrypt --identity KIT``) whose comments say whose it is and with which key
its backups are signed. Under a passphrase the whole of it is encrypted, as ``age --passphrase`` does.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pyrage
from pyrage.x25519 import Identity

from bankcard_tui.backup.container import public_key_of
from bankcard_tui.errors import Unavailable, VerificationFailed, reason_of
from bankcard_tui.security.keys import Keys

MOST_BYTES = 64 * 1024
_HEAD = (
    "# bankcard recovery kit. Whoever has this file can open every backup made for it; without it, and without the\n"
    "# branch's own key, no backup can be opened by anybody. Keep it apart from the machine and from the backups,\n"
    "# on paper or on a medium in a safe, and keep a second copy in another house.\n"
)


@dataclass(frozen=True, slots=True, repr=False)
class Kit:
    """A recovery kit: the branch it belongs to, the key that signs its backups, and the identity that opens them."""

    bank: str
    branch: str
    branch_id: UUID
    public_key: bytes
    identity: Identity
    made_at: str

    @property
    def recipient(self) -> str:
        """The recipient that backups for this kit are encrypted to."""
        return str(self.identity.to_public())


def new_kit(keys: Keys, bank: str, branch: str, branch_id: UUID, now: datetime) -> Kit:
    """A kit with a new identity for the branch with these ``keys``."""
    return Kit(bank, branch, branch_id, public_key_of(keys.signing), Identity.generate(), f"{now:%Y-%m-%dT%H:%M:%SZ}")


def kit_text(kit: Kit) -> str:
    """The kit as it stands in its file."""
    lines = {
        "bank": kit.bank,
        "branch": kit.branch,
        "branch-id": str(kit.branch_id),
        "signed-by": kit.public_key.hex(),
        "recipient": kit.recipient,
        "made": kit.made_at,
    }
    return _HEAD + "".join(f"# {name}: {value}\n" for name, value in lines.items()) + f"{kit.identity}\n"


def sealed_kit(kit: Kit, passphrase: str | None) -> bytes:
    """The content of the kit's file; under a ``passphrase`` only who knows it can read it."""
    text = kit_text(kit).encode()
    return text if passphrase is None else pyrage.passphrase.encrypt(text, passphrase)


def needs_passphrase(content: bytes) -> bool:
    """Whether this content of a kit is under a passphrase."""
    return content.startswith(b"age-encryption.org/v1")


def parse_kit(content: bytes, passphrase: str | None = None) -> Kit:
    """Read what :func:`sealed_kit` made. Raises VerificationFailed for a wrong passphrase or what is no kit."""
    if needs_passphrase(content):
        try:
            content = pyrage.passphrase.decrypt(content, passphrase or "")
        except pyrage.DecryptError:
            raise VerificationFailed(
                "The passphrase does not fit, or the kit is damaged.",
                hint="Type it again; without it this kit opens nothing.",
                code="kit.passphrase",
            ) from None
    try:
        lines = content.decode().splitlines()
        said = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
        public_key = bytes.fromhex(said["signed-by"])
        if len(public_key) != 32:
            raise ValueError
        (identity,) = (Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-"))
        return Kit(said["bank"], said["branch"], UUID(said["branch-id"]), public_key, identity, said["made"])
    except (ValueError, KeyError, pyrage.IdentityError):
        raise VerificationFailed(
            "This is no recovery kit, or it is damaged.",
            hint="Take the file that bankcard backup keygen wrote, or its second copy.",
            code="kit.damaged",
        ) from None


def write_kit(path: Path, kit: Kit, passphrase: str | None) -> None:
    """Write the kit to a new file that only its owner can read. Raises Unavailable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sealed_kit(kit, passphrase))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unusable(path, error) from None


def kit_content(path: Path) -> bytes:
    """What lies in the file of a kit. Raises Unavailable when it can't be read or others can read it too."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, error) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o077:
            raise Unavailable(
                "The recovery kit {path} can be read by other users of this machine.",
                hint="Run: chmod 600 {path}",
                code="kit.open_to_others",
                path=path,
            )
        try:
            return file.read(MOST_BYTES)
        except OSError as error:
            raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "The recovery kit {path} can't be used: {error}.",
        hint="Check its name, its folder's rights and whether the medium is mounted.",
        code="kit.unusable",
        path=path,
        error=reason_of(error),
    )
