"""The design's colours: every text on every ground it stands on is legible (4.5 to 1)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "lianfang/doors/web/static/web"
LEGIBLE = 4.5
SHELL = (STATIC / "lianfang.css").read_text()
SCREEN = (STATIC / "screen.css").read_text()
# What stands on what, as the stylesheet has it.
TEXTS = ("ink", "muted", "action", "bad", "frozen", "good-text", "attention-text")
PAIRS = [
    *((text, ground) for text in TEXTS for ground in ("card", "ground")),
    *(("shade-ink", f"shade{step}") for step in range(1, 6)),
    ("on-action", "action"),
    ("action", "action-tint"),
    ("good-text", "good-tint"),
    ("attention-text", "attention-tint"),
    ("bad", "bad-tint"),
    ("frozen", "frozen-tint"),
]
MARKS = [(mark, "card") for mark in ("good", "attention", "bad")]


def tokens(sheet: str, theme: str) -> dict[str, str]:
    blocks = re.findall(r":root(\[data-theme=\"(\w+)\"\])?\s*\{([^}]*)\}", sheet)
    found: dict[str, str] = {}
    for _attribute, named, body in blocks:
        if named in ("", theme):
            found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})", body))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_the_one_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_legible_on_its_ground(theme, text, ground):
    held = tokens(SHELL, theme)
    assert contrast(held[text], held[ground]) >= LEGIBLE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_a_mark_stands_out_from_its_ground(theme, mark, ground):
    held = tokens(SHELL, theme)
    assert contrast(held[mark], held[ground]) >= 3


@pytest.mark.parametrize("text", ["ink", "muted", "accent", "second", "good", "bad"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
def test_the_command_screen_is_legible(text, ground):
    held = tokens(SCREEN.split("@media print")[0], "light")
    assert contrast(held[text], held[ground]) >= LEGIBLE


def test_the_tokens_are_those_of_the_design():
    held = tokens(SHELL.split('[data-theme="dark"]')[0], "light")
    agreed = {"ink": "#1f2329", "muted": "#646a73", "line": "#dee0e3", "ground": "#f5f6f8", "card": "#ffffff"}
    agreed |= {"action": "#1f5eff", "good": "#1f8a4c", "attention": "#b46a00", "bad": "#c8322b", "frozen": "#6b4fd8"}
    assert {name: held[name] for name in agreed} == agreed


def test_who_wants_no_motion_gets_none():
    for sheet in (SHELL, SCREEN):
        assert "prefers-reduced-motion: reduce" in sheet
