"""Calling operations with what stands in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from bankcard_tui.cli.console import Console, Misused
from bankcard_tui.cli.describe import holds_secret
from bankcard_tui.cli.edge import attempt
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import Spec
from bankcard_tui.desk.results import Pending
from bankcard_tui.errors import BankError, InvalidForm, InvalidInput, NotFound
from bankcard_tui.locale import advise, explain, mark

LONGEST_LINE = 1024 * 1024
LONGEST_KEY = 64
_PARTS = {"op", "input", "key"}

OF_A_SCREEN = frozenset({"session.sign_in", "session.lock", "session.unlock"})
"""Operations by which a screen opens, locks and opens again a session that stays. A command has a session of its own
from beginning to end; another one would stay open with nobody at it."""


def find(operations: Mapping[str, Spec], name: str) -> Spec:
    """The operation of that name. Raises NotFound, and Misused for one of OF_A_SCREEN."""
    if name in OF_A_SCREEN:
        raise Misused(
            mark("{name} is not for commands: a command signs in and out by itself."),
            hint=mark("Say who works with --as USER."),
            code="op.of_a_screen",
            name=name,
        )
    spec = operations.get(name)
    if spec is None:
        raise NotFound("There is no operation {name}.", hint="See: bankcard op list", code="op.unknown", name=name[:60])
    return spec


def text_of(given: str | None) -> str:
    """What ``--input`` names: JSON itself, ``@FILE`` or ``@-`` for stdin. Raises Misused where it is not UTF-8."""
    if given is None:
        return "{}"
    if not given.startswith("@"):
        return given
    raw = sys.stdin.buffer.read() if given == "@-" else Path(given[1:]).read_bytes()
    return _decoded(raw)


def read_input(text: str) -> dict[str, Any]:
    """JSON text as an object. Raises Misused for anything else."""
    try:
        plain = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Misused(
            mark("The input is not JSON."), hint=mark("As {example}"), example='{"customer": "..."}', code="input.json"
        ) from None
    if not isinstance(plain, dict):
        raise Misused(mark("The input is JSON, but not an object."), hint=mark("As {example}"), example='{"a": 1}')
    return plain


def refuse_secrets(spec: Spec, plain: Mapping[str, Any]) -> None:
    """Raise Misused when ``plain`` holds a secret: others on this machine see the command line."""
    secret = [name for name in plain if name in spec.hints and holds_secret(spec.hints[name])]
    if secret:
        raise Misused(
            mark("Secrets are not taken from the command line: {names}"),
            hint=mark("Put the input into a file that only you can read: --input @FILE; or into stdin: --input @-"),
            names=", ".join(secret),
        )


def answer_of(spec: Spec, desk: Desk, plain: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """``{"result": view}`` for what was done, ``{"pending": request}`` for what waits. Raises BankError."""
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise InvalidInput("key", "A key has 1 to {most:character|characters}.", hint="Shorten it.", most=LONGEST_KEY)
    arguments = spec.read_payload(json.dumps(plain))
    result = run(spec, desk.once(key) if key else desk, arguments)
    if isinstance(result, Pending):
        return {"pending": result.request.model_dump(mode="json")}
    return {"result": spec.result.dump_python(result.view, mode="json")}


def answer_lines(console: Console, operations: Mapping[str, Spec], desk: Desk) -> Iterator[dict[str, Any]]:
    """An answer for each line of stdin; what is wrong with one line does not stop the others."""
    while raw := sys.stdin.buffer.readline(LONGEST_LINE + 1):
        line, cut = raw, len(raw) > LONGEST_LINE
        while cut and raw and not raw.endswith(b"\n"):
            raw = sys.stdin.buffer.readline(LONGEST_LINE)
        if not line.strip():
            continue
        answer, problem = attempt(console, partial(_answer_line, operations, desk, line, cut))
        if problem is None and answer is not None:
            yield {"ok": True, **answer}
        elif problem is not None:
            yield {"ok": False, "error": plain_error(problem)}


def plain_error(error: BankError) -> dict[str, Any]:
    """An error as data: code, message and hint in the language in use, and the field or fields it belongs to."""
    plain: dict[str, Any] = {"code": error.code, "message": explain(error), "hint": advise(error), "field": None}
    if isinstance(error, InvalidInput):
        plain["field"] = error.field
    if isinstance(error, InvalidForm):
        plain["problems"] = [plain_error(each) for each in error.problems]
    return plain


def _answer_line(operations: Mapping[str, Spec], desk: Desk, line: bytes, cut: bool) -> dict[str, Any]:
    if cut:
        raise Misused(mark("This line is longer than {most:byte|bytes}."), most=LONGEST_LINE)
    wanted = read_input(_decoded(line))
    name, plain, key = wanted.get("op"), wanted.get("input", {}), wanted.get("key")
    if not isinstance(name, str) or not isinstance(plain, dict) or not isinstance(key, str | None):
        raise Misused(mark("A line is an object with op, and if need be input and key."), hint=mark('As {example}'),
                      example='{"op": "session.me", "input": {}}')  # fmt: skip
    strange = sorted(set(wanted) - _PARTS)
    if strange:
        raise Misused(mark("Nobody knows these parts: {names}"), names=", ".join(each[:40] for each in strange[:5]))
    return answer_of(find(operations, name), desk, plain, key)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misused(mark("The input is not UTF-8 text."), hint=mark("Save it as UTF-8.")) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
