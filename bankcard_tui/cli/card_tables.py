"""Points cards and tables as files: what ``bankcard card`` does with them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bankcard_tui.cli.console import Console, Misused, table
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard
    from bankcard_tui.rules.training import Quality

SCORE_COLUMNS = ("row", "points", "probability", "low", "high")
QUALITY_HEADS = (
    mark("Points card"),
    mark("Customers"),
    mark("Bad"),
    mark("AUC"),
    mark("Brier"),
    mark("KS"),
    mark("Calibration error"),
)
ATTRIBUTE_HEADS = (mark("Characteristic"), mark("Attribute"), mark("Points"), mark("Customers"), mark("Bad"))


def read_card(path: Path) -> Scorecard:
    """The card in the file ``path``. Raises InvalidInput where it is none, VerificationFailed where it was changed."""
    from bankcard_tui.rules.scorecard_json import card_from_json

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = ""  # which is no card either
    return card_from_json(text, str(path))


def train_on_table(
    console: Console, table_file: Path, schema_file: Path, expert_file: Path | None, out: Path, name: str
) -> None:
    """Learn a card and write it to ``out``; then its quality on customers it had not seen."""
    from bankcard_tui.decision.table_file import read_schema, read_table
    from bankcard_tui.decision.training import train
    from bankcard_tui.desk.clock import SystemClock
    from bankcard_tui.rules.scorecard_json import card_to_json, digest_of

    _keep_apart(out, [table_file, schema_file, *([expert_file] if expert_file else [])])
    expert = read_card(expert_file) if expert_file else None
    schema = read_schema(schema_file)
    with console.progress() as progress:
        progress(mark("Reading the table"), 0, 1)
        card = train(
            read_table(table_file, schema),
            name=name,
            source=table_file.name,
            made_at=(console.clock or SystemClock()).now().isoformat(timespec="seconds"),
            expert=expert,
            directions=schema.monotone_towards_target,
            report=progress,
        )
    write_whole(out, card_to_json(card))
    held_out = card.training.held_out if card.training else None
    if console.json:
        quality = asdict(held_out) if held_out else None
        console.answer({"card": str(out), "name": card.name, "hash": digest_of(card), "held_out": quality})
        return
    console.show(tr("The card {name} is in {path}.", path=out, name=card.name))
    if held_out is None:
        return
    rival = held_out.champion or tr("one probability for all")
    console.show("", tr("On customers that it had not seen:"))
    rows = [(card.name, held_out.challenger_quality), (rival, held_out.champion_quality)]
    console.show(*quality_table(rows))


def score_to_file(console: Console, card_file: Path, table_file: Path, out: Path) -> None:
    """Write row (from 1), points, probability and the 80 % interval of every row to the CSV file ``out``."""
    from bankcard_tui.decision.scoring import score_table
    from bankcard_tui.decision.table_file import read_for

    _keep_apart(out, [card_file, table_file])
    card = read_card(card_file)
    known = read_for([card], table_file)
    lacking = [each.code for each in card.characteristics if each.code not in known.columns]
    if lacking:
        console.say(tr("Taken as not known, since the table lacks it: {columns}", columns=", ".join(lacking)))
    scores = score_table(card, known)
    import csv

    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(SCORE_COLUMNS)
    figures = zip(scores.points, scores.probability, scores.low, scores.high, strict=True)
    for place, (points, *chances) in enumerate(figures, start=1):
        rows.writerow([place, int(points), *(f"{chance:.6f}" for chance in chances)])
    write_whole(out, text.getvalue())
    if console.json:
        console.answer({"scores": str(out), "rows": len(known), "lacking": lacking})
    else:
        console.show(tr("{rows:score|scores} written to {path}", path=out, rows=len(known)))


def show_card(console: Console, card: Scorecard) -> None:
    """The card attribute by attribute, and what it says of its making."""
    import json

    from bankcard_tui.rules.scorecard_json import card_to_json, digest_of

    if console.json:
        console.answer(json.loads(card_to_json(card)))
        return
    console.show(tr("Points card {name}", name=card.name), tr("SHA-256: {digest}", digest=digest_of(card)))
    scale = card.scale
    console.show(
        tr(
            "{points:point|points} stand for odds of {odds} to 1; {step} more double the odds.",
            points=scale.points,
            odds=scale.odds,
            step=scale.to_double,
        ),
        tr("Everybody starts at {points:point|points}.", points=card.base.points),
    )
    made = card.training
    if made is not None:
        console.show(tr("Learned from {source} at {time}", source=made.source, time=made.made_at))
        if made.expert:
            console.show(tr("Starting from the card {name}", name=made.expert))
        if made.excluded:
            console.show(tr("Never used: {columns}", columns=", ".join(made.excluded)))
    heads = [tr(head) for head in ATTRIBUTE_HEADS]
    rows = [
        (each.code if place == 0 else "", label, attribute.points, attribute.cases, attribute.bad)
        for each in card.characteristics
        for place, (label, attribute) in enumerate(_attributes(each))
    ]
    console.show("", *table(heads, rows))
    if made is not None and made.held_out is not None:
        rival = made.held_out.champion or tr("one probability for all")
        console.show("", tr("On customers that it had not seen:"))
        pair = [(card.name, made.held_out.challenger_quality), (rival, made.held_out.champion_quality)]
        console.show(*quality_table(pair))


def compare_on_table(console: Console, card_files: Sequence[Path], table_file: Path, schema_file: Path) -> None:
    """The quality of two cards on the same rows."""
    from bankcard_tui.decision.metrics import quality
    from bankcard_tui.decision.scoring import probabilities
    from bankcard_tui.decision.table_file import read_for, read_schema

    if len(card_files) != 2:
        raise Misused(mark("Two cards are compared."), hint=mark("Give --card twice."))
    cards = [read_card(path) for path in card_files]
    known = read_for(cards, table_file, read_schema(schema_file).target)
    found = [quality(probabilities(card, known), known.bad) for card in cards]
    alike = cards[0].name == cards[1].name
    names = [str(path) if alike else card.name for card, path in zip(cards, card_files, strict=True)]
    if console.json:
        console.answer([{"card": name, **asdict(each)} for name, each in zip(names, found, strict=True)])
    else:
        console.show(*quality_table(zip(names, found, strict=True)))


def quality_table(rows: Iterable[tuple[str, Quality]]) -> list[str]:
    """Qualities by name as lines of a table."""

    def figure(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    cells = [
        (name, each.cases, each.bad, *map(figure, (each.auc, each.brier, each.ks, each.calibration_error)))
        for name, each in rows
    ]
    return table([tr(head) for head in QUALITY_HEADS], cells)


def write_whole(path: Path, text: str) -> None:
    """Put ``text`` in place of the file ``path``; killed at any moment it holds the old text or the new.

    Raises Misused where something else than a file stands there: a device would be replaced, not written to.
    """
    _is_a_file(path)
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _is_a_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise Misused(mark("{path} is no file that can be written over."), hint=mark("Name another file: --out PATH"),
                      path=path)  # fmt: skip


def _keep_apart(out: Path, inputs: Iterable[Path]) -> None:
    """Raises Misused where ``out`` is one of the files that are read, or no file: before the work, not after it."""
    _is_a_file(out)
    for each in inputs:
        if out.exists() and each.exists() and out.samefile(each):
            raise Misused(mark("{path} is read and can't be written over."), hint=mark("Name another file: --out PATH"),
                          path=out)  # fmt: skip


def _attributes(characteristic: Characteristic) -> list[tuple[str, Attribute]]:
    """Every attribute with what it is called."""
    labels, low = [], None
    for each in characteristic.attributes:
        if not characteristic.numeric:
            labels.append(", ".join(each.words))
            continue
        if each.below is None:
            labels.append(tr("any number") if low is None else tr("{low} and more", low=f"{low:.12g}"))
        elif low is None:
            labels.append(tr("below {high}", high=f"{each.below:.12g}"))
        else:
            labels.append(tr("{low} to below {high}", low=f"{low:.12g}", high=f"{each.below:.12g}"))
        low = each.below
    labels += [tr("not known"), tr("other words")]
    return list(zip(labels, characteristic.all, strict=False))
