"""Reads a PDF back: its pages' lines, edges, rules and folios, in millimetres from the paper's upper left corner."""

import io
from collections import Counter
from dataclasses import dataclass

import pdfplumber

MM = 25.4 / 72
BODY = 16.0
TOP, LOWER = 37.0, 262.0


@dataclass(frozen=True)
class Line:
    text: str
    left: float
    right: float
    top: float
    size: float


@dataclass(frozen=True)
class Sheet:
    lines: list[Line]
    folio: Line | None
    rules: list[tuple[float, float, float, float]]
    """left, right, upper and lower edge"""
    fonts: set[str]

    def body(self) -> list[Line]:
        """The lines of body text, without head and tail."""
        return [line for line in self.lines if abs(line.size - BODY) < 0.3]


def read(data: bytes) -> list[Sheet]:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [_sheet(page) for page in pdf.pages]


def han(text: str) -> bool:
    return all("\u4e00" <= each <= "\u9fff" for each in text)


def full(sheets: list[Sheet]) -> list[Line]:
    """The lines that begin and end at the type area's edges and hold only Han characters."""
    return [line for each in sheets for line in each.body() if han(line.text) and line.right - line.left > 154]


def modal_length(lines: list[Line]) -> int:
    return Counter(len(line.text) for line in lines).most_common(1)[0][0]


def _sheet(page: pdfplumber.page.Page) -> Sheet:
    chars = [each for each in page.chars if each["text"].strip()]
    rows: list[list[dict[str, object]]] = []
    for char in sorted(chars, key=lambda each: (each["bottom"], each["x0"])):
        if rows and abs(float(rows[-1][0]["bottom"]) - float(char["bottom"])) < 7:  # type: ignore[arg-type]
            rows[-1].append(char)
        else:
            rows.append([char])
    lines = [_line(sorted(row, key=lambda each: each["x0"])) for row in rows]  # type: ignore[arg-type, return-value]
    folio = next((line for line in lines if line.top > LOWER), None)
    return Sheet(
        lines=[line for line in lines if line.top <= LOWER],
        folio=folio,
        rules=sorted((_rules(page)), key=lambda each: each[3]),
        fonts={str(each["fontname"]) for each in chars},
    )


def _line(row: list[dict[str, object]]) -> Line:
    sizes = Counter(round(float(each["size"]), 1) for each in row)  # type: ignore[arg-type]
    return Line(
        text="".join(str(each["text"]) for each in row),
        left=min(float(each["x0"]) for each in row) * MM,  # type: ignore[arg-type]
        right=max(float(each["x1"]) for each in row) * MM,  # type: ignore[arg-type]
        top=min(float(each["top"]) for each in row) * MM,  # type: ignore[arg-type]
        size=sizes.most_common(1)[0][0],
    )


def _rules(page: pdfplumber.page.Page) -> list[tuple[float, float, float, float]]:
    """Rules wide as the type area: filled rectangles from one program, strokes from the other."""
    found = []
    for each in [*page.rects, *page.lines]:
        half = float(each.get("linewidth") or 0) / 2 if each["object_type"] == "line" else 0.0
        if (each["x1"] - each["x0"]) * MM > 150 and (each["bottom"] - each["top"]) * MM < 1.5:
            found.append((each["x0"] * MM, each["x1"] * MM, (each["top"] - half) * MM, (each["bottom"] + half) * MM))
    return found
