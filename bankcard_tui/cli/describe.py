"""What an operation takes, told from its types without building its model: what ``make listing`` writes down."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from bankcard_tui.desk.registry import Spec
from bankcard_tui.rules.money import Money

_PLAIN: Mapping[Any, str] = {
    str: "text",
    SecretStr: "text",
    int: "integer",
    bool: "boolean",
    UUID: "id",
    Money: "amount",
    date: "date",
    datetime: "time",
    Any: "anything",
}


def described(spec: Spec) -> dict[str, Any]:
    """An operation as plain data: name, title, permissions, mode, and its parameters."""
    return {
        "name": spec.name,
        "title": spec.title,
        "permissions": [str(each) for each in spec.permissions],
        "mode": spec.mode.value,
        "repeatable_under_a_key": spec.idempotent,
        "parameters": [
            _parameter(name, spec.hints[name], parameter.default is inspect.Parameter.empty)
            for name, parameter in spec.signature.parameters.items()
        ],
    }


def holds_secret(hint: Any) -> bool:
    """Whether a value of this type may hold a secret, at any depth."""
    if hint is SecretStr:
        return True
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return any(holds_secret(each.annotation) for each in hint.model_fields.values())
    return any(holds_secret(each) for each in get_args(hint))


def _parameter(name: str, hint: Any, required: bool) -> dict[str, Any]:
    return {"name": name, "required": required, "secret": holds_secret(hint), **_shape(hint)}


def _shape(hint: Any) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kinds = [_shape(each) for each in arguments if each is not NoneType]
        shape = kinds[0] if len(kinds) == 1 else {"type": "one of", "kinds": kinds}
        return shape | ({"nullable": True} if NoneType in arguments else {})
    if origin in (tuple, list, frozenset, set):
        return {"type": "list", "items": _shape(arguments[0])}
    if origin is dict:
        return {"type": "object", "values": _shape(arguments[1])}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is Literal:
        return {"type": "choice", "choices": list(arguments)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "choice", "choices": [str(each.value) for each in hint]}
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        fields = [
            _parameter(name, each.annotation, each.default is PydanticUndefined and each.default_factory is None)
            for name, each in hint.model_fields.items()
        ]
        return {"type": "object", "fields": fields}
    return {"type": str(hint)}
