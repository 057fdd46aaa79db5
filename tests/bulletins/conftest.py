"""The faces, brought once and kept beside the checkout; an office suite that maps the official names to them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
STAND_INS = {
    "仿宋_GB2312": "FandolFang R",
    "楷体_GB2312": "FandolKai",
    "黑体": "FandolHei",
    "宋体": "FandolSong",
    "方正小标宋简体": "Noto Serif CJK SC",
}


@pytest.fixture(scope="session")
def faces() -> Path:
    """The folder of the faces, filled by the command that a user runs."""
    from lianfang.commands.fonts import install

    folder = Path(os.environ.get("LIANFANG_FONTS", ROOT / "var" / "fonts"))
    done = CliRunner().invoke(install, ["--folder", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def office(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], bytes]:
    """Turns a Word file into PDF as an office would, the free faces standing in for the official ones."""
    room = tmp_path_factory.mktemp("office")
    (room / "fonts.conf").write_text(_mapping(faces, room), encoding="utf-8")

    def convert(word: bytes) -> bytes:
        (room / "given.docx").write_bytes(word)
        order = ["soffice", f"-env:UserInstallation=file://{room}/profile", "--headless", "--convert-to", "pdf"]
        environment = os.environ | {"FONTCONFIG_FILE": str(room / "fonts.conf"), "HOME": str(room)}
        subprocess.run(
            [*order, "--outdir", str(room), str(room / "given.docx")],
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (room / "given.pdf").read_bytes()

    return convert


def _mapping(faces: Path, room: Path) -> str:
    edits = "".join(
        f'<match target="pattern"><test name="family"><string>{official}</string></test>'
        f'<edit name="family" mode="assign" binding="strong"><string>{free}</string></edit></match>'
        for official, free in STAND_INS.items()
    )
    bold = (
        '<match target="pattern"><test name="family"><string>Noto Serif CJK SC</string></test>'
        '<edit name="weight" mode="assign" binding="strong"><const>bold</const></edit></match>'
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{faces}</dir><cachedir>{room}/cache</cachedir>{edits}{bold}</fontconfig>"
    )
