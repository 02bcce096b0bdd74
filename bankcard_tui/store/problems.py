"""What the database says, in words that a person can act on."""

from __future__ import annotations

from pathlib import Path

from bankcard_tui.errors import BankError, Busy, Unavailable, VerificationFailed

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "glusterfs", "lustre", "davfs"}
)


def explain_problem(error: Exception, path: Path) -> BankError:
    """The error that a person should see for a driver's error on the store at ``path``."""
    said = str(getattr(error, "orig", None) or error).lower()
    if "no such savepoint" in said and isinstance(error.__context__, Exception):
        # The store had given up the whole transaction already: what made it do so is the problem.
        return explain_problem(error.__context__, path)
    if "locked" in said or "busy" in said:
        return Busy(
            "The store is busy.", hint="Somebody is writing a lot just now. Try again in a moment.", code="store.busy"
        )
    if "readonly" in said or "read-only" in said:
        return Unavailable(
            "The store {path} can't be written: the disk or the file is read-only.",
            hint="Check the folder's rights and whether the disk is mounted read-only.",
            code="store.read_only",
            path=path,
        )
    if "full" in said:
        return Unavailable(
            "The disk that holds {path} is full.",
            hint="Free some space; nothing that was done is lost.",
            code="store.disk_full",
            path=path,
        )
    if "not a database" in said or "malformed" in said:
        return Unavailable(
            "The file {path} is not a sound store.",
            hint="Do not work on. Restore a backup, or call your IT support. Run: bankcard doctor",
            code="store.damaged",
            path=path,
        )
    if "unable to open" in said:
        return Unavailable(
            "The store {path} can't be opened.",
            hint="Check that the folder exists and that you may read and write it.",
            code="store.unopenable",
            path=path,
        )
    if "constraint" in said:
        return VerificationFailed(
            "The store refused what it was given: {said}.",
            hint="Nothing was changed. Please report this.",
            code="store.constraint",
            said=_named(error, said),
        )
    return Unavailable(
        "The store failed: {said}.",
        hint="Nothing was changed. Run: bankcard doctor",
        code="store.failed",
        said=_named(error, said),
    )


def _named(error: Exception, said: str) -> str:
    """What SQLite calls the problem, and what it is about: ``SQLITE_CONSTRAINT_UNIQUE: account.username``."""
    name = getattr(getattr(error, "orig", error), "sqlite_errorname", "")
    return f"{name}: {said.partition(': ')[2]}".removesuffix(": ") if name else said


def refuse_network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise Unavailable when ``path`` lies on a network file system, where locks can't be relied on."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return  # no such list on this platform: nothing can be told
    best, kind = "", ""
    resolved = str(path.resolve())
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    if kind in _NETWORK_FILE_SYSTEMS or kind.startswith("fuse.sshfs"):
        raise Unavailable(
            "The store can't lie on a network file system ({kind} at {point}).",
            hint="Choose a folder on a disk of this machine.",
            code="store.network",
            kind=kind,
            point=best,
        )
