"""The colours of the application: one calm theme, dark and light.

Few colours, each with one meaning. Screens never name a colour, they name a tone (``widgets.safe.Tone``) or one of
Textual's own variables: ``$accent`` what you can act on, ``$success`` good, ``$warning`` look at this, ``$error`` act
now, ``$text-muted`` supporting text; ``$background``, ``$surface`` and ``$panel`` are what they stand on. Every text
colour reaches WCAG AA (4.5:1) on every one of these surfaces.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = "bankcard-dark"
LIGHT: Final = "bankcard-light"


def _theme(
    name: str,
    *,
    dark: bool,
    background: str,
    surface: str,
    panel: str,
    foreground: str,
    muted: str,
    accent: str,
    good: str,
    warning: str,
    bad: str,
    cursor: str,
    cursor_text: str,
    quiet_cursor: str,
) -> Theme:
    """``cursor`` and ``quiet_cursor`` are the row or button under the cursor, with and without the focus."""
    return Theme(
        name=name,
        dark=dark,
        primary=cursor,
        secondary=cursor,
        accent=accent,
        success=good,
        warning=warning,
        error=bad,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        variables={
            "text": foreground,
            "text-muted": muted,
            "text-disabled": muted,
            "text-primary": accent,
            "text-secondary": accent,
            "text-accent": accent,
            "text-success": good,
            "text-warning": warning,
            "text-error": bad,
            "foreground-muted": muted,
            "foreground-disabled": muted,
            "block-cursor-background": cursor,
            "block-cursor-foreground": cursor_text,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": quiet_cursor,
            "block-cursor-blurred-foreground": foreground,
            "block-hover-background": quiet_cursor,
            "border": accent,
            "border-blurred": panel,
            "button-foreground": foreground,
            "button-color-foreground": cursor_text,
            "button-focus-text-style": "bold underline",
            "footer-background": panel,
            "footer-foreground": foreground,
            "footer-key-foreground": accent,
            "footer-description-foreground": foreground,
            "input-cursor-background": accent,
            "input-cursor-foreground": background,
            "input-selection-background": quiet_cursor,
            "input-selection-foreground": foreground,
            "scrollbar": panel,
            "scrollbar-hover": cursor,
            "scrollbar-active": cursor,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "link-color": accent,
        },
    )


THEMES: Final = (
    _theme(
        DARK,
        dark=True,
        background="#10161d",
        surface="#18212b",
        panel="#22303d",
        foreground="#dde6ee",
        muted="#9db0c1",
        accent="#7cc7f2",
        good="#86d6a2",
        warning="#ecc76a",
        bad="#ff938a",
        cursor="#2b6a9e",
        cursor_text="#ffffff",
        quiet_cursor="#2c3f51",
    ),
    _theme(
        LIGHT,
        dark=False,
        background="#f7f9fb",
        surface="#ffffff",
        panel="#e6ecf2",
        foreground="#1b2733",
        muted="#4f6072",
        accent="#17588f",
        good="#1c6a3d",
        warning="#7d4d00",
        bad="#ae241c",
        cursor="#1d5f99",
        cursor_text="#ffffff",
        quiet_cursor="#d0deeb",
    ),
)
"""What the application registers: ``for theme in THEMES: app.register_theme(theme)``, then ``app.theme = DARK``."""
