"""The desk through the door: from a unit's item to a signed issue whose every number opens, and who is let in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from bulletin_house import AT, GATE, checks, drafted, settle, signed, who
from django.http import HttpResponse
from django.test import Client

from lianfang import clock
from lianfang.bulletins import actions
from lianfang.bulletins.models import Issue, Item, Print, Recipient
from lianfang.bulletins.wording import Wording
from lianfang.registry.actions import grant
from lianfang.registry.models import Role

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(minutes=30)
Door = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _house(db: None, faces: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FONTS = faces  # type: ignore[attr-defined]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settle()
    checks(5)


@pytest.fixture
def door() -> Door:
    """Asks for a page, or posts to it, as one of the demonstration's people."""

    def ask(username: str, path: str, post: dict[str, object] | None = None, language: str = "zh-hans") -> HttpResponse:
        client = Client()
        client.cookies["django_language"] = language
        client.force_login(who(username), backend="django.contrib.auth.backends.ModelBackend")
        return client.get(path) if post is None else client.post(path, post, follow=True)  # type: ignore[return-value]

    return ask


def words(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_an_item_goes_from_its_unit_to_a_signed_issue(door: Door) -> None:
    door("publicity", "/bulletins/items/new/", {"title": GATE[0], "body": GATE[1], "unit": "publicity"})
    item = Item.objects.get()
    assert item.byline == "区委宣传部"
    series = {"series": "information", "on": "2020-02-05", "as_of": "2020-02-05T18:00", "title": "同心防控"}
    door("editor", "/bulletins/begin/", series)
    issue = Issue.objects.get()
    assert issue.as_of == datetime(2020, 2, 5, 18, tzinfo=clock.SHANGHAI)
    desk = f"/bulletins/{issue.pk}"
    door("editor", f"{desk}/desk/select/", {"item": item.pk})
    assert "车辆<span" in words(door("editor", f"{desk}/desk/"))
    door("editor", f"{desk}/send/", {})
    door("reviewer", f"{desk}/review/", {})
    answer = door("signer", f"{desk}/sign/", {})
    issue.refresh_from_db()
    assert (issue.state, issue.number) == (Issue.SIGNED, 1)
    assert "已签发、付印并分送" in words(answer)


def test_every_number_of_a_signed_issue_opens_the_entries_behind_it(door: Door) -> None:
    issue = signed()
    checks(2, at=NOW)
    page = words(door("leader", f"/bulletins/{issue.pk}/"))
    citation = issue.citations.get(name="vehicles_checked")
    link = f"/bulletins/{issue.pk}/figures/{citation.frozen_id}/"
    assert f'href="{link}"' in page
    behind = words(door("editor", link + "?verify=1"))
    assert "重新核算：数字相同" in behind
    assert behind.count("data-main") == 5


def test_the_entries_behind_a_number_are_limited_to_the_readers_scope(door: Door) -> None:
    checks(3, place="cp-310")
    issue = signed()
    citation = issue.citations.get(name="vehicles_checked")
    assert citation.frozen.shown == "8"
    page = words(door("gongyelu", f"/bulletins/{issue.pk}/figures/{citation.frozen_id}/"))
    # The published number is everybody's; the entries are those of the reader's own subdistrict and unit.
    assert ">8</span>" in page
    assert page.count("data-main") < 8
    assert "data-main" not in words(door("leader", f"/bulletins/{issue.pk}/figures/{citation.frozen_id}/"))


def test_lint_stands_beside_the_text_with_what_would_be_right(door: Door) -> None:
    issue = drafted(("题", "截止目前，检查5辆。"))
    page = words(door("editor", f"/bulletins/{issue.pk}/desk/"))
    assert 'data-right="{{vehicles_checked}}"' in page
    assert 'data-right="截至"' in page
    assert "disabled" in page
    refused = words(door("editor", f"/bulletins/{issue.pk}/send/", {}))
    assert "须先改正 2 处错误" in refused
    issue.refresh_from_db()
    assert issue.state == Issue.DRAFT


def test_the_editor_words_orders_and_puts_back_items(door: Door) -> None:
    issue = drafted(("一", "甲。"), ("二", "乙。"))
    first, second = issue.items.in_order()
    desk = f"/bulletins/{issue.pk}/desk"
    door("editor", f"{desk}/{second.pk}/move/", {"to": "up"})
    door("editor", f"{desk}/{first.pk}/", {"title": "一", "body": "甲甲。\r\n乙乙。", "byline": "区商务局"})
    assert [each.pk for each in issue.items.in_order()] == [second.pk, first.pk]
    first.refresh_from_db()
    assert (first.body, first.byline) == ("甲甲。\n乙乙。", "区商务局")
    door("editor", f"{desk}/{second.pk}/release/", {})
    second.refresh_from_db()
    assert (second.state, second.issue) == (Item.SUBMITTED, None)


def test_two_editors_at_once_lose_neither_ones_words(door: Door) -> None:
    issue = drafted(("一", "甲。"))
    item = issue.items.get()
    was = actions.wording_of(item).digest()
    path = f"/bulletins/{issue.pk}/desk/{item.pk}/"
    door("editor", path, {"title": "一", "body": "先到的改动。", "byline": "区委宣传部", "was": was})
    late = door("editor", path, {"title": "一", "body": "后到的改动。", "byline": "区委宣传部", "was": was})
    assert late.status_code == 409
    assert "先到的改动。" in words(late)
    assert ">后到的改动。</textarea>" in words(late)
    item.refresh_from_db()
    assert item.body == "先到的改动。"


def test_a_discarded_draft_gives_its_items_back(door: Door) -> None:
    issue = drafted(("一", "甲。"))
    item = issue.items.get()
    door("editor", f"/bulletins/{issue.pk}/discard/", {})
    issue.refresh_from_db()
    item.refresh_from_db()
    assert (issue.state, item.state, item.issue) == (Issue.DISCARDED, Item.SUBMITTED, None)
    assert "同心" not in words(door("editor", "/bulletins/")).split("<main")[1]


def test_a_draft_is_shut_to_everybody_who_does_not_work_on_it(door: Door) -> None:
    issue = drafted()
    for path in ("", "desk/", "pages/1.png", "proof.pdf", "print.pdf"):
        answer = door("education", f"/bulletins/{issue.pk}/{path}")
        assert answer.status_code in (403, 404), path
    assert door("reviewer", f"/bulletins/{issue.pk}/").status_code == 200
    assert door("editor", f"/bulletins/{issue.pk}/proof.pdf").content.startswith(b"%PDF")


def test_a_desk_role_for_one_subdistrict_only_does_not_edit_the_districts_bulletin(door: Door) -> None:
    grant(by=None, at=AT, user=who("gongyelu"), role=Role.objects.get(pk="office_editor"), area="410106004")
    issue = drafted()
    answer = door("gongyelu", f"/bulletins/{issue.pk}/desk/head/", {"title": "改", "on": "2020-02-05"})
    assert answer.status_code == 403
    assert door("gongyelu", f"/bulletins/{issue.pk}/").status_code == 404


def test_a_unit_sees_its_own_items_only_and_why_one_was_declined(door: Door) -> None:
    item = actions.submit(
        by=who("publicity"), at=AT, series="information", unit="publicity", wording=Wording("独此一题", "文。")
    )
    assert door("education", f"/bulletins/items/{item.pk}/").status_code == 404
    door("editor", f"/bulletins/items/{item.pk}/decline/", {"reason": "已有同类稿件"})
    assert "已有同类稿件" in words(door("publicity", f"/bulletins/items/{item.pk}/"))
    assert "独此一题" not in words(door("education", "/bulletins/items/"))


def test_handing_in_for_another_unit_is_refused(door: Door) -> None:
    answer = door("education", "/bulletins/items/new/", {"title": "题", "body": "文。", "unit": "publicity"})
    assert answer.status_code == 403
    assert not Item.objects.exists()


def test_a_form_without_title_or_text_says_so_and_keeps_what_was_typed(door: Door) -> None:
    answer = door("education", "/bulletins/items/new/", {"title": "", "body": "写好的正文。", "unit": "education"})
    assert answer.status_code == 422
    assert "请填写标题" in words(answer)
    assert "写好的正文。" in words(answer)


def test_what_is_too_long_is_said_with_its_limit_and_nothing_typed_is_lost(door: Door) -> None:
    given = {"title": "长" * 201, "body": "正文。", "unit": "education"}
    answer = door("education", "/bulletins/items/new/", given)
    assert answer.status_code == 422
    assert "最多 200 字" in words(answer)
    assert "长" * 201 in words(answer)
    issue = drafted()
    door("editor", f"/bulletins/{issue.pk}/desk/head/", {"title": "长" * 401, "on": "2020-02-05"})
    issue.refresh_from_db()
    assert len(issue.title) < 400


def test_the_same_person_is_told_why_they_cannot_review_their_own_draft(door: Door) -> None:
    grant(by=None, at=AT, user=who("editor"), role=Role.objects.get(pk="office_reviewer"), area="410106")
    issue = drafted()
    actions.send(by=who("editor"), at=AT, issue=issue)
    assert "三人分别办理" in words(door("editor", f"/bulletins/{issue.pk}/review/", {}))
    issue.refresh_from_db()
    assert issue.state == Issue.REVIEW


def test_opening_an_issue_is_its_receipt_and_the_list_of_the_others_is_reminded(door: Door) -> None:
    issue = signed()
    assert "本单位有 1 期未阅" in words(door("education", "/bulletins/"))
    door("education", f"/bulletins/{issue.pk}/")
    assert "本单位有 1 期未阅" not in words(door("education", "/bulletins/"))
    row = Recipient.objects.get(issue=issue, unit="education")
    assert (row.opened_at, row.opened_by) == (NOW, who("education"))
    door("editor", f"/bulletins/{issue.pk}/remind/", {})
    assert "催阅" in words(door("publicity", "/bulletins/"))


@pytest.mark.parametrize("format", [Print.PDF, Print.WORD])
def test_a_file_is_handed_out_byte_for_byte_under_the_issues_name(format: str, door: Door) -> None:
    issue = signed()
    answer = door("leader", f"/bulletins/{issue.pk}/print.{format}")
    kept = issue.prints.get(format=format)
    assert sha256(answer.content).hexdigest() == kept.sha256
    assert "%E7%AC%AC1%E6%9C%9F" in answer["Content-Disposition"]


def test_the_pages_are_shown_as_printed(door: Door) -> None:
    issue = drafted()
    picture = door("editor", f"/bulletins/{issue.pk}/pages/1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert door("editor", f"/bulletins/{issue.pk}/pages/9.png").status_code == 404


def test_a_character_without_a_glyph_is_named_on_the_desk_and_at_the_signature(door: Door) -> None:
    issue = drafted(("题", "文\ue000。"))
    assert "U+E000" in words(door("editor", f"/bulletins/{issue.pk}/desk/"))
    actions.send(by=who("editor"), at=AT, issue=issue)
    actions.review(by=who("reviewer"), at=AT, issue=issue)
    assert "U+E000" in words(door("signer", f"/bulletins/{issue.pk}/sign/", {}))
    issue.refresh_from_db()
    assert (issue.state, issue.number) == (Issue.SIGNATURE, None)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_desk_opens_in_both_languages(language: str, door: Door) -> None:
    done, draft = signed(), drafted(("二", "截至目前，已开课{{lessons_given}}节，共{{nonsense}}。"))
    for path in (
        "",
        "items/",
        "items/new/",
        f"items/{draft.items.get().pk}/",
        "begin/",
        f"{draft.pk}/desk/",
        f"{draft.pk}/",
        f"{done.pk}/",
    ):
        answer = door("editor", f"/bulletins/{path}", language=language)
        assert answer.status_code == 200, path
    desk = words(door("editor", f"/bulletins/{draft.pk}/desk/", language=language))
    assert ("无数据" if language == "zh-hans" else "no data") in desk
