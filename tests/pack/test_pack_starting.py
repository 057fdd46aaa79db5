"""Starting a pack for another district."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from lianfang import pack
from lianfang.commands.pack import command
from lianfang.pack import starting

SHANGJIE = Path(__file__).parents[2] / "packs" / "shangjie"
TABLE = """code,name
410105,金水区
410105001000,经八路街道
410105100000,兴达镇
410105001001,省委社区居委会
410105100201,马头岗村委会
410106,上街区
"""


def start(folder: Path, table: str = TABLE, code: str = "410105") -> int:
    folder.mkdir(exist_ok=True)
    (folder / "areas.csv").write_text(table, encoding="utf-8")
    return starting.start(code, folder / "areas.csv", folder / "new", SHANGJIE, day=date(2020, 1, 1))


def test_a_started_pack_is_whole_and_of_the_other_district(tmp_path: Path) -> None:
    assert start(tmp_path) == 5
    assert pack.check(tmp_path / "new") == []
    made = pack.read(tmp_path / "new")
    assert made.district == "410105"
    assert [each.kind for each in made.areas] == ["district", "subdistrict", "community", "town", "village"]
    assert not any(figure.ledger or figure.period for figure in made.figures.values())
    assert len(made.figures) == len(pack.read(SHANGJIE).figures) - 1
    assert "上街" not in "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "new").glob("*.*"))


@pytest.mark.parametrize(
    ("table", "code", "told"),
    [
        (TABLE, "4101", "six digits"),
        (TABLE, "410199", "no row for the district 410199"),
        (TABLE.replace("410105001000,经八路街道\n", ""), "410105", "not 410105001"),
        (TABLE.replace("410105001001", "4101050010"), "410105", "6, 9 or 12 digits"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, table: str, code: str, told: str) -> None:
    with pytest.raises(starting.CanNotStart, match=told):
        start(tmp_path, table, code)


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    start(tmp_path)
    with pytest.raises(starting.CanNotStart, match="already there"):
        start(tmp_path)


def test_the_command_prints_every_fault_and_fails(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / "new" / "roles.yaml").write_text("walker: {label: x, powers: [fly], source: y}\n", encoding="utf-8")
    (tmp_path / "new" / "dues.yaml").write_text("- {name: x}\n", encoding="utf-8")
    done = CliRunner().invoke(command, ["check", str(tmp_path / "new")])
    assert done.exit_code == 1
    assert "roles.yaml:1: There is no power 'fly'" in done.output
    assert "dues.yaml:1: 0.kind: This key is missing." in done.output


def test_the_command_says_that_a_pack_is_whole() -> None:
    done = CliRunner().invoke(command, ["check", str(SHANGJIE)])
    assert (done.exit_code, done.output) == (0, f"{SHANGJIE} is whole.\n")
