"""A pack's faults: all at once, each with file, line and what would be right."""

import re
import shutil
from pathlib import Path

import pytest

from lianfang import pack
from lianfang.pack import BrokenPack, Fault

TINY = Path(__file__).parent / "tiny"
SHANGJIE = Path(__file__).parents[2] / "packs" / "shangjie"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    return folder


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Put `new` for `old` and return the line where it stood."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def only(faults: list[Fault], file: str) -> list[Fault]:
    return [each for each in faults if each.file == file]


@pytest.mark.parametrize("folder", [TINY, SHANGJIE], ids=["tiny", "shangjie"])
def test_the_packs_of_the_house_are_whole(folder: Path) -> None:
    assert pack.check(folder) == []


# file, what is written wrongly, where the fault is looked for, words of the message, words of the remedy
BROKEN = [
    ("pack.yaml", 'district: "990101"', 'district: "990102"', 0, "no district 990102", "kind district"),
    ("pack.yaml", "datum: WGS-84", "datums: WGS-84", 0, "'datums' is not known", "datum"),
    ("pack.yaml", "[rounds, sandbags]", "[rounds, sandbag]", 0, "shows no figure 'sandbag'", "sandbags"),
    (
        "areas.csv",
        "990101100201,990101100201,village",
        "990101100202,990101100201,village",
        0,
        "does not belong",
        "99010",
    ),
    ("areas.csv", "village,990101100,上河村", "village,990101300,上河村", 0, "no parent", "990101100"),
    ("areas.csv", "village,990101100,上河村", "hamlet,990101100,上河村", 0, '"hamlet" is not allowed', "village"),
    ("areas.csv", "上河村,2020-01-01,,", "上河村,2020-13-01,,", 0, "2020-13-01", "date"),
    ("areas.csv", "上河村,2020-01-01,,", "上河村,2020-01-01,2019-01-01,", 0, "before it begins", "2020-01-01"),
    ("places.csv", "dyke,一号堤段", "dike,一号堤段", 0, "no kind 'dike'", "dyke"),
    ("places.csv", "990101100201,post-1", "990101100201,post-2", 0, "no unit 'post-2'", "post-1"),
    ("places.csv", "110.5,30.5", "10.5,30.5", 0, "not in China", "lon 73"),
    ("units.yaml", "parent: flood-office", "parent: flood", 0, "no parent 'flood'", "flood-office"),
    ("units.yaml", "kind: post,", "kind: poste,", 0, "no kind 'poste'", "post"),
    ("roles.yaml", "figures.view", "figure.view", 0, "no power 'figure.view'", "figures.view"),
    (
        "roles.yaml",
        "source: invented",
        "administrator: system\n  source: invented",
        -1,
        "must not hold",
        "another role",
    ),
    ("protocols/2020.yaml", "seepage:", "sepage:", 0, "no question 'sepage'", "seepage"),
    ("protocols/2020.yaml", 'seepage: "yes"', "seepage: maybe", 0, "'maybe' is no choice", "yes"),
    ("protocols/2020.yaml", "decision: reinforce", "decision: rebuild", 0, "cannot record", "reinforce"),
    ("protocols/2020.yaml", "fever_c: {axillary", "fever_c: {ear", 0, "only one of fever_c", "both"),
    ("protocols/2020.yaml", "team_size: 2", "team_size: two", 0, '"two" is not allowed', "integer"),
    ("forms/dyke_round.md", "select_one yes_no | seepage", "select_one yesno | seepage", 0, "'yesno'", "choices"),
    ("forms/dyke_round.md", ". >= 0 and . <= 500", ". >= 0 or 1", 0, "outside what a phone can check", ". >= a"),
    ("forms/dyke_round.md", "${seepage} = 'yes'", "${sepage} = 'yes'", 0, "'sepage', which is not asked", "seepage"),
    ("forms/dyke_round.md", "${seepage} = 'yes'", "count(${cracks}) > 1", 0, "outside what a phone can check", "${a}"),
    ("forms/dyke_round.md", "| name |\n| | select_one", "| nickname |\n| | select_one", 0, "'nickname'", "document"),
    ("forms/dyke_round.md", "| | end_repeat | | | | | | | |\n", "", -2, "has no end", "end_repeat"),
    ("forms/dyke_round.md", "| | integer | bags", "| | integer | Bags!", 0, "cannot name a question", "small letters"),
    ("forms/dyke_round.md", "| 沙袋 | Sandbags used", "| | Sandbags used", 0, "both languages", "label::中文"),
    ("forms/dyke_round.md", "Dyke round | bags", "Dyke round | seepage2", 0, "no number of this form", "bags"),
    (
        "forms/dyke_round.md",
        "| decision | reinforce |",
        "| decision | walk_on |",
        0,
        "listed twice",
        "each choice once",
    ),
    (
        "figures/rounds.yaml",
        "sum: {kinds: [dyke_round]",
        "sum: {kinds: [dike_round]",
        0,
        "no form writes",
        "dyke_round",
    ),
    ("figures/rounds.yaml", "answers.bags:", "answers.bag:", 0, "no question 'bag'", "bags"),
    ("figures/rounds.yaml", "answers.seepage:", "seepage:", 0, "no column", "answers.seepage"),
    ("figures/rounds.yaml", "answers.seepage: ", "answers.walker: ", 0, "is personal", "not personal"),
    ("figures/rounds.yaml", "numerator: sandbags", "numerator: sandbag", 0, "'sandbag' is no figure", "sandbags"),
    ("figures/rounds.yaml", "ledger: T001", "ledger: T002", 0, "no line 'T002'", "T001"),
    ("figures/rounds.yaml", "{step: 50}", "{step: 0}", 0, "0 is not allowed", "greater than or equal to 1"),
    ("figures/rounds.yaml", "sandbags:\n", "rounds:\n", 0, "written twice", "each key once"),
    ("figures/rounds.yaml", "{gte: 1}", "{get: 1}", 0, "'get' is not known", "gte, gt, lte, lt, missing"),
    ("figures/rounds.yaml", "{gte: 1}", "{gte: [1]}", 0, "[1] is not allowed", "a number"),
    ("figures/rounds.yaml", "{kinds: [dyke_round]}}", "{kind: dyke_round}}", 0, "'kind' is not known", "kinds, where"),
    ("reactions.yaml", "on: dyke_round", "on: dike_round", 0, "no form 'dike_round'", "dyke_round"),
    ("reactions.yaml", "within: 90", "within: soon", 0, "no limit 'soon'", "handover_minutes"),
    ("reactions.yaml", "do: open_due", "do: open", 0, '"open" is not allowed', "open_due"),
    ("reactions.yaml", "about: place", "about: answers.dyke", 0, "no question 'dyke'", "seepage"),
    ("dues.yaml", "of_kinds: [dyke]", "of_kinds: [dike]", 0, "no kind of place 'dike'", "dyke"),
    ("dues.yaml", "by: report_time", "by: noon", 0, "no time 'noon'", "report_time"),
    ("ledger.yaml", "+08:00", "", 0, "is not allowed", "offset"),
    ("demonstration.yaml", "role: walker", "role: runner", 0, "no role 'runner'", "walker"),
    ("demonstration.yaml", "place: dyke-1", "place: dyke-2", 0, "no place 'dyke-2'", "dyke-1"),
    ("bulletins/flood.md", "{{sandbags}}", "{{sandbag}}", -3, "{{sandbag}} is no figure", "sandbags"),
    ("bulletins/flood.md", "unit: flood-office", "unit: office", -1, "no unit 'office'", "flood-office"),
    ("bulletins/flood.md", "{unit: post-1", "{unit: post-9", 0, "no unit 'post-9'", "post-1"),
]


@pytest.mark.parametrize(("file", "old", "new", "offset", "message", "remedy"), BROKEN)
def test_a_fault_names_file_line_and_remedy(
    copy: Path, file: str, old: str, new: str, offset: int, message: str, remedy: str
) -> None:
    line = change(copy, file, old, new) + offset
    found = [each for each in pack.check(copy) if message in each.message]
    assert found, [str(each) for each in pack.check(copy)]
    assert remedy in found[0].expected
    assert file == found[0].file
    assert found[0].line == line, f"line {found[0].line} for {line}"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pack.yaml", "name: {zh-hans: 青石区", "name: {zh-hans: [青石区"),
        ("figures/rounds.yaml", "  unit: {zh-hans: 次", "unit: {zh-hans: 次"),
        ("units.yaml", "standing:", "standing: ["),
    ],
)
def test_a_file_that_is_no_yaml_is_told_with_its_line(copy: Path, file: str, old: str, new: str) -> None:
    line = change(copy, file, old, new)
    found = only(pack.check(copy), file)
    assert found
    assert found[0].line >= line


def test_every_fault_is_told_at_once(copy: Path) -> None:
    change(copy, "areas.csv", "village,990101100,上河村", "village,990101300,上河村")
    change(copy, "forms/dyke_round.md", "${seepage} = 'yes'", "${sepage} = 'yes'")
    change(copy, "figures/rounds.yaml", "answers.bags:", "answers.bag:")
    change(copy, "dues.yaml", "by: report_time", "by: noon")
    assert {each.file for each in pack.check(copy)} == {
        "areas.csv",
        "forms/dyke_round.md",
        "figures/rounds.yaml",
        "dues.yaml",
    }


def test_a_broken_part_is_told_once_and_not_again_by_all_that_name_it(copy: Path) -> None:
    change(copy, "figures/rounds.yaml", "{gte: 1}", "{gte: [1]}")
    change(copy, "forms/dyke_round.md", ". >= 0 and . <= 500", ". >= 0 or 1")
    assert sorted(each.file for each in pack.check(copy)) == ["figures/rounds.yaml", "forms/dyke_round.md"]


def test_a_missing_file_is_a_fault_and_no_exception(copy: Path) -> None:
    (copy / "units.yaml").unlink()
    assert Fault("units.yaml", 1, "The file is missing.", "a file units.yaml in the pack's folder") in pack.check(copy)


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    (fault,) = pack.check(tmp_path / "nowhere")
    assert "no such folder" in fault.message


def test_a_file_in_another_encoding_is_told(copy: Path) -> None:
    (copy / "areas.csv").write_bytes((copy / "areas.csv").read_text(encoding="utf-8").encode("gb18030"))
    assert any("not UTF-8" in each.message for each in only(pack.check(copy), "areas.csv"))


def test_protocols_whose_dates_overlap_are_told(copy: Path) -> None:
    text = (copy / "protocols/2020.yaml").read_text(encoding="utf-8")
    later = text.replace('edition: "2020"', 'edition: "2021"').replace("2020-01-01", "2021-01-01")
    (copy / "protocols/2021.yaml").write_text(later, encoding="utf-8")
    (fault,) = pack.check(copy)
    assert (fault.file, fault.expected) == ("protocols/2020.yaml", "valid_to before 2021-01-01")


def test_a_row_added_twice_is_told(copy: Path) -> None:
    text = (copy / "places.csv").read_text(encoding="utf-8")
    (copy / "places.csv").write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    assert any("stands 2 times" in each.message for each in only(pack.check(copy), "places.csv"))


def test_a_broken_pack_is_not_read(copy: Path) -> None:
    change(copy, "pack.yaml", "datum: WGS-84", "datums: WGS-84")
    with pytest.raises(BrokenPack, match=r"pack\.yaml:5"):
        pack.read(copy)


def test_the_worked_example_of_the_documentation_is_a_whole_measure(tmp_path: Path) -> None:
    """A form and a figure, as docs/pack.md tells, and no code."""
    shutil.copytree(SHANGJIE, tmp_path / "pack")
    text = (SHANGJIE.parents[1] / "docs" / "pack.md").read_text(encoding="utf-8")
    examples = re.findall(r"```(?:markdown|yaml)\n(.*?)```", text, re.DOTALL)
    form = next(each for each in examples if "| masks_given |" in each)
    figure = next(each for each in examples if each.startswith("masks_given:"))
    (tmp_path / "pack" / "forms" / "masks_given.md").write_text(form, encoding="utf-8")
    (tmp_path / "pack" / "figures" / "masks.yaml").write_text(figure, encoding="utf-8")
    assert pack.check(tmp_path / "pack") == []
    made = pack.read(tmp_path / "pack")
    assert made.figures["masks_given"].kinds == ("masks_given",)
    checked = made.forms["masks_given"].check({"to": "resident", "masks": 20, "receiver": "张三"})
    assert (checked.faults, checked.quantity, checked.personal) == ([], 20, {"name": "张三"})
