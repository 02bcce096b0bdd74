"""``bankcard policy``: the figures in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from bankcard_tui.cli.console import AsJson, console_of, table
from bankcard_tui.cli.desks import command_terminal, opened_bank
from bankcard_tui.locale import mark, tr

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command("show", help=mark("Show the policy in force with its version."))
def show(context: typer.Context, as_json: AsJson = False) -> None:
    from zoneinfo import ZoneInfo

    from bankcard_tui.services.policies import show_policy

    console = console_of(context)
    with opened_bank(console) as bank:
        policy = show_policy(bank.system_desk(command_terminal()))
        since = policy.in_force_from.astimezone(ZoneInfo(bank.branch.zone))
    if console.json:
        console.answer(policy.model_dump(mode="json"))
        return
    console.show(tr("Policy version {version}, in force since {since}", version=policy.version, since=f"{since:%F %R}"))
    heads = [tr(head) for head in TIER_HEADS]
    tiers = [
        (
            tier.grade,
            str(tier.lowest),
            str(tier.highest),
            f"{tier.raise_low_percent}-{tier.raise_high_percent} %",
            tier.reduced_after_months_overdue,
        )
        for tier in policy.tiers
    ]
    console.show("", *table(heads, tiers), "")
    figures = [(name, value) for name, value in _flat(policy.figures) if not name.startswith("tiers.")]
    console.show(*table([tr("Figure"), tr("Value")], figures))


TIER_HEADS = (
    mark("Grade"),
    mark("Lowest limit"),
    mark("Highest limit"),
    mark("Raise"),
    mark("Reduced after months overdue"),
)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every figure under its dotted name; a list of plain values is one figure."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for place, item in enumerate(value, start=1):
            yield from _flat(item, f"{name}.{place}")
    else:
        yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
