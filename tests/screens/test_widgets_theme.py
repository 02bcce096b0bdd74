from __future__ import annotations

import pytest
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from bankcard_tui.app import BankApp
from bankcard_tui.config import Home, Settings
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.widgets.keybar import KeyBar
from bankcard_tui.widgets.safe import Tone
from bankcard_tui.widgets.theme import DARK, LIGHT, THEMES
from tests.screens.app_kit import running

SURFACES = ["background", "surface", "panel"]
TEXTS = ["foreground", "text", *(tone.removeprefix("$") for tone in Tone)]
PAIRS = [
    *((text, surface) for text in TEXTS for surface in SURFACES),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-foreground", "primary"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("text-success", "panel-lighten-1"),
    ("text-warning", "panel-lighten-1"),
    ("text-error", "panel-lighten-1"),
    ("foreground", "panel-lighten-1"),
]


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_there_is_one_theme_dark_and_light() -> None:
    assert [(theme.name, theme.dark) for theme in THEMES] == [(DARK, True), (LIGHT, False)]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_every_text_stands_out_from_its_ground(theme: Theme, text: str, surface: str) -> None:
    colors = theme.to_color_system().generate()
    ground = Color.parse(colors["background"]) + Color.parse(colors[surface])
    assert contrast(ground + Color.parse(colors[text]), ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_sixteen_colours_keep_the_text_and_the_cursor_apart_from_the_ground(theme: Theme) -> None:
    colors = theme.to_color_system().generate()

    def sixteen(name: str) -> int | None:
        return Color.parse(colors[name]).rich_color.downgrade(ColorSystem.STANDARD).number

    ground = sixteen("background")
    assert all(sixteen(text) != ground for text in TEXTS)
    assert sixteen("block-cursor-background") not in (ground, sixteen("block-cursor-foreground"))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_the_first_screen_stands_in_the_colours_that_were_chosen(
    theme: Theme, home: Home, clock: SimulatedClock
) -> None:
    app = BankApp(Settings(home, home.key, "en", theme.name), "T1", cost=4, clock=clock)
    async with running(app):
        assert app.theme == theme.name
        assert app.screen.styles.background.hex.lower() == theme.background
        assert app.screen.query_one(KeyBar).styles.color.hex.lower() == theme.foreground
        assert app.has_class("-dark-mode") == theme.dark
