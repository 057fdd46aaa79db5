"""`lianfang bulletin` and `lianfang fonts`, as typed."""

import shutil
from datetime import timedelta
from pathlib import Path

import click
import pytest
from bulletin_house import AT, GATE, checks, drafted, settle, signed
from click.testing import CliRunner

from lianfang.bulletins import fonts, proof
from lianfang.bulletins.models import Issue, Item, SignOff
from lianfang.commands import bulletin
from lianfang.commands import fonts as fonts_command
from lianfang.pack.bulletins import BulletinItem


@pytest.fixture
def house(db: None, faces: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FONTS = faces  # type: ignore[attr-defined]
    monkeypatch.setattr(bulletin, "open_house", lambda: None)
    settle()
    checks(5)


def typed(*words: str) -> str:
    done = CliRunner().invoke(bulletin.command, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_list_shows_every_issue_with_its_state_and_number(house: None) -> None:
    signed()
    drafted(("二", "乙。"), at=AT + timedelta(days=1))
    first, second = typed("list").splitlines()
    assert "signed" in first
    assert "第1期" in first
    assert "draft" in second
    assert "2020-02-06" in second


@pytest.mark.parametrize("format", ["pdf", "docx"])
def test_render_writes_what_was_printed_byte_for_byte(house: None, format: str, tmp_path: Path) -> None:
    issue = signed()
    out = tmp_path / "deep" / f"issue.{format}"
    assert "as printed" in typed("render", str(issue.pk), "--format", format, "--out", str(out))
    assert out.read_bytes() == bytes(issue.prints.get(format=format).data)


@pytest.mark.parametrize(("format", "magic"), [("pdf", b"%PDF"), ("docx", b"PK")])
def test_render_makes_a_proof_of_what_is_not_signed(house: None, format: str, magic: bytes, tmp_path: Path) -> None:
    out = tmp_path / "proof"
    assert "unsigned proof" in typed("render", str(drafted().pk), "--format", format, "--out", str(out))
    assert out.read_bytes().startswith(magic)


def test_render_says_when_there_is_no_such_issue(house: None, tmp_path: Path) -> None:
    done = CliRunner().invoke(bulletin.command, ["render", "99", "--out", str(tmp_path / "x")])
    assert done.exit_code == 1
    assert "bulletin list" in done.output


def test_the_demonstration_takes_the_items_through_three_peoples_hands_once(house: None) -> None:
    items = (
        BulletinItem(title=GATE[0], unit="publicity", body=GATE[1]),
        BulletinItem(title="二", unit="education", body="乙。"),
    )
    template = proof.series("information").model_copy(update={"items": items})
    issue = bulletin.make(template, AT)
    assert bulletin.make(template, AT) == issue
    assert (issue.state, issue.number, issue.date) == (Issue.SIGNED, 1, AT.date())
    assert Item.objects.get(unit="education").submitted_by.username == "education"
    people = SignOff.objects.filter(issue=issue, act__in=("sent", "reviewed", "signed")).values_list(
        "by__username", flat=True
    )
    assert list(people) == ["editor", "reviewer", "signer"]
    assert 0 < issue.recipients.exclude(opened_at=None).count() < issue.recipients.count()


def test_a_demonstration_without_its_records_says_which_numbers_are_missing_and_leaves_nothing(house: None) -> None:
    done = CliRunner().invoke(bulletin.command, ["demonstrate", "--as-of", "2020-02-05T18:00"])
    assert done.exit_code == 1
    assert "{{lessons_given}}" in done.output
    assert not Issue.objects.exists()
    assert not Item.objects.exists()


def test_an_instant_that_cannot_be_read_is_said(house: None) -> None:
    with pytest.raises(click.ClickException, match="2020-02-05T17:00 would be one"):
        bulletin._instant("gestern")


def test_fonts_that_are_there_are_not_fetched_again(faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts_command, "_unpack", lambda *words: pytest.fail("fetched"))
    done = CliRunner().invoke(fonts_command.install, ["--folder", str(faces)])
    assert (done.exit_code, fonts.missing(faces)) == (0, [])


def test_fonts_on_the_machine_are_taken_from_it(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "there"
    shutil.copytree(faces, there)
    packages = {"one": (str(there).lstrip("/"), "Fandol"), "two": (str(there).lstrip("/"), "Noto")}
    monkeypatch.setattr(fonts_command, "PACKAGES", packages)
    monkeypatch.setattr(fonts_command, "_unpack", lambda *words: pytest.fail("fetched"))
    done = CliRunner().invoke(fonts_command.install, ["--folder", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert fonts.missing(tmp_path / "new") == []


def test_a_machine_without_debians_tools_is_told_what_to_copy_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = {"texlive-lang-chinese": ("nowhere", "Fandol"), "fonts-noto-cjk": ("nowhere", "Noto")}
    monkeypatch.setattr(fonts_command, "PACKAGES", packages)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(fonts_command.install, ["--folder", str(tmp_path)])
    assert done.exit_code == 1
    assert "FandolFang-Regular.otf" in done.output
    assert str(tmp_path) in done.output
    assert "texlive-lang-chinese" in done.output
