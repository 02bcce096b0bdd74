"""What has to stay secret in a branch, and somebody who looks for it wherever a process leaves traces."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.kit import process

LOOKS_A_SECOND = 50


def in_forms(key: bytes) -> list[bytes]:
    """A key as it is, in hex and in base64."""
    return [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key).rstrip(b"=")]


def as_code(code: str) -> list[bytes]:
    """A code with its dashes and without them."""
    return [code.encode(), code.replace("-", "").encode()]


@dataclass
class Secrets:
    """Needles by what they are; ``codes`` may stand in the files of the outbox, ``root`` in a key file."""

    needles: dict[str, list[bytes]] = field(default_factory=dict)
    allowed: dict[str, tuple[Path, ...]] = field(default_factory=dict)

    def add(self, name: str, *forms: bytes, only_in: tuple[Path, ...] = ()) -> None:
        self.needles.setdefault(name, []).extend(forms)
        self.allowed[name] = (*self.allowed.get(name, ()), *only_in)

    def found_in(self, content: bytes, path: Path | None = None) -> list[str]:
        """Which secrets stand in ``content``, those left out that may stand at ``path``."""
        return [
            name
            for name, forms in self.needles.items()
            if any(form in content for form in forms)
            and not (path is not None and any(path.is_relative_to(each) for each in self.allowed[name]))
        ]


@dataclass
class Watch:
    """Reads again and again every file in ``folders`` that changed, and what the children of this process were told."""

    secrets: Secrets
    folders: tuple[Path, ...]
    found: set[str] = field(default_factory=set)
    looks: int = 0
    files: int = 0
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def look(self, children: tuple[int, ...] = ()) -> None:
        self.looks += 1
        for folder in self.folders:
            for root, _, names in os.walk(folder):
                for name in names:
                    self._read(Path(root, name))
        for pid in children:
            self._of_process(pid)

    def _read(self, path: Path) -> None:
        self.found |= {f"{name} in the name {path}" for name in self.secrets.found_in(os.fsencode(path.name))}
        try:
            known = path.lstat()
            if path.is_symlink() or not path.is_file() or self._seen.get(path) == (known.st_mtime_ns, known.st_size):
                return
            content = path.read_bytes()
        except OSError:
            return  # gone meanwhile
        self.files += 1
        self._seen[path] = known.st_mtime_ns, known.st_size
        self.found |= {f"{name} in {path}" for name in self.secrets.found_in(content, path)}

    def _of_process(self, pid: int) -> None:
        for what in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{pid}/{what}").read_bytes()
            except OSError:
                continue
            self.found |= {f"{name} in {what}" for name in self.secrets.found_in(content)}
        for child in children_of(pid):
            self._of_process(child)


def children_of(pid: int) -> list[int]:
    found = []
    with suppress(OSError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(each) for each in (task / "children").read_text().split()]
    return found


def run_watched(
    watch: Watch, home: Path, *arguments: str, typed: bytes = b"", kill_after: float | None = None
) -> tuple[int, bytes]:
    """``bankcard ARGUMENTS`` as a process that is watched all the time; its code and everything it said. With
    ``kill_after`` it is killed so many seconds after its start.
    """
    child: subprocess.Popen[bytes] = process(home, *arguments)
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(watch, child.pid, stop))
    watching.start()
    try:
        if kill_after is not None:
            time.sleep(kill_after)
            child.kill()
        out, err = child.communicate(typed if kill_after is None else None)
    finally:
        stop.set()
        watching.join()
    watch.look()
    said = out + err
    watch.found |= {f"{name} said by {arguments}" for name in watch.secrets.found_in(said)}
    return child.returncode, said


def _watch(watch: Watch, pid: int, stop: threading.Event) -> None:
    while not stop.wait(1 / LOOKS_A_SECOND):
        watch.look((pid,))
