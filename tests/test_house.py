"""The house itself: its order, its documents, its names."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted(path for path in (ROOT / "lianfang").rglob("*.py") if "migrations" not in path.parts)
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
FORBIDDEN = {"utils", "helpers", "services", "managers", "common", "core", "signals", "misc"}
ROOMS = sorted(path.name for path in (ROOT / "lianfang").iterdir() if path.is_dir() and not path.name.startswith("_"))
DOORS = sorted(
    path.name for path in (ROOT / "lianfang/doors").iterdir() if path.is_dir() and not path.name.startswith("_")
)


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in nodes]


def test_no_file_is_longer_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): n
        for path in CODE
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long, f"split these: {long}"


def test_functions_are_short():
    lengths = [length for path in CODE for _, length in functions(path)]
    assert statistics.median(lengths) < 10
    long = [
        (str(path.relative_to(ROOT)), name, length) for path in CODE for name, length in functions(path) if length > 60
    ]
    assert not long, f"these need a reason or a cut: {long}"


def test_no_room_hides_behind_an_empty_name():
    bad = [str(path.relative_to(ROOT)) for path in CODE if FORBIDDEN & {path.stem, *path.relative_to(ROOT).parts}]
    assert not bad


@pytest.mark.parametrize("room", [*ROOMS, *(f"doors/{door}" for door in DOORS if door != "templates")])
def test_every_room_is_on_the_map(room):
    assert f"`{room}" in DOCS["map.md"] or f"`{room}/`" in DOCS["map.md"], (
        f"docs/map.md does not say what lives in {room}"
    )


def commands() -> list[str]:
    files = (ROOT / "lianfang/commands").glob("*.py")
    return sorted(path.stem.replace("_", "-") for path in files if not path.stem.startswith("_"))


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name):
    assert any(f"lianfang {name}" in text for text in DOCS.values()), (
        f"no page under docs/ says what `lianfang {name}` does"
    )


def test_every_setting_is_documented():
    named = {word for path in CODE for word in re.findall(r"LIANFANG_[A-Z_]+", path.read_text(encoding="utf-8"))}
    missing = {word for word in named if word not in DOCS["running.md"]}
    assert not missing, f"docs/running.md does not explain {sorted(missing)}"


def test_every_link_between_documents_leads_somewhere():
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_the_readme_is_short_and_shows_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 100
    assert "make up" in text
    assert "make test" in text


def test_requirements_are_pinned_with_hashes_and_name_no_registry():
    for name in ("base.txt", "test.txt"):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,]+\])?==", text, re.M)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text


def test_no_word_of_the_district_is_in_the_code():
    from lianfang import pack

    district = pack.read(ROOT / "packs/shangjie")
    areas = [
        area for area in district.areas if area.kind in {"district", "subdistrict", "town", "community", "village"}
    ]
    words = {area.name for area in areas} | {place.name for place in district.places}
    words = {word for word in words if len(word) > 2}
    assert len(words) > 50
    sources = [
        path
        for pattern in ("*.py", "*.js", "*.html", "*.css", "*.typ", "*.po")
        for path in (ROOT / "lianfang").rglob(pattern)
    ]
    found = [
        (str(path.relative_to(ROOT)), word)
        for path in sources
        if "vendor" not in path.parts
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_the_pages_carry_no_inline_script():
    pages = list((ROOT / "lianfang").rglob("*.html"))
    assert pages
    inline = [
        str(page.relative_to(ROOT))
        for page in pages
        if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page.read_text(encoding="utf-8"))
    ]
    handlers = [
        str(page.relative_to(ROOT))
        for page in pages
        if re.search(r"<[^>{]*\son(click|load|change|submit|input)=", page.read_text(encoding="utf-8"))
    ]
    assert not inline + handlers


def catalogues() -> list[Path]:
    return sorted((ROOT / "lianfang").rglob("*.po"))


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: str(path.relative_to(ROOT / "lianfang")))
def test_every_text_is_translated(path):
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans")
    missing = [entry.id for entry in catalogue if entry.id and (not entry.string or entry.fuzzy)]
    assert not missing


def test_no_tracked_file_names_this_machine():
    listed = subprocess.run(
        ["git", "grep", "-lIF", str(ROOT.parent) + "/", "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if str(ROOT.parent) in ("/", "/tmp"):
        pytest.skip("the checkout lies in a folder whose name would match by chance")
    assert listed.stdout == ""


def glossary() -> str:
    return DOCS["glossary.md"]


def test_every_model_and_every_kind_of_entry_is_in_the_glossary():
    from django.apps import apps

    from lianfang import pack

    models = {
        model.__name__
        for app in apps.get_app_configs()
        if app.name.startswith("lianfang.")
        for model in app.get_models()
    }
    kinds = set(pack.read(ROOT / "packs/shangjie").forms)
    missing = {word for word in models | kinds if f"`{word}`" not in glossary()}
    assert not missing, f"docs/glossary.md lacks {sorted(missing)}"


def test_every_decision_has_a_number_of_its_own():
    numbers = sorted(path.name[:4] for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert len(numbers) == len(set(numbers))
    wrong = [
        path.name
        for path in (ROOT / "docs/adr").glob("[0-9]*.md")
        if not path.read_text(encoding="utf-8").startswith(f"# {int(path.name[:4])}. ")
    ]
    assert not wrong
