"""From hand-in to signature: who may do what, what is kept, what can be printed again."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from bulletin_house import AT, GATE, SERIES, checks, drafted, settle, signed, who
from django.db import DatabaseError, transaction

from lianfang.bulletins import actions, pdf, proof
from lianfang.bulletins.actions import Changed, Faulty, ReasonMissing, SamePerson, WrongState
from lianfang.bulletins.models import Citation, Issue, Item, Print, Recipient, SignOff
from lianfang.bulletins.text import Key
from lianfang.bulletins.wording import Overlong, Wording
from lianfang.figures.freezing import NotYet, verify
from lianfang.journal.models import Entry
from lianfang.registry.actions import NotAllowed, grant
from lianfang.registry.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(db: None, faces: Path, settings: object) -> None:
    settings.FONTS = faces  # type: ignore[attr-defined]
    settle()
    checks(5)


def test_a_unit_hands_in_an_item_under_its_short_name() -> None:
    item = actions.submit(by=who("publicity"), at=AT, series=SERIES, unit="publicity", wording=Wording(" 题 ", "文。"))
    assert (item.title, item.byline, item.area, item.state) == ("题", "区委宣传部", "410106", Item.SUBMITTED)
    with pytest.raises(NotAllowed):
        actions.submit(by=who("publicity"), at=AT, series=SERIES, unit="education", wording=Wording("题", "文。"))


def test_pasted_text_loses_what_cannot_be_printed_and_keeps_its_rare_characters() -> None:
    wording = Wording("题\x00目\u200b", "一\x00段。\r\n\ufeff二段𫖯。\t")
    item = actions.submit(by=who("publicity"), at=AT, series=SERIES, unit="publicity", wording=wording)
    item.refresh_from_db()
    assert (item.title, item.body) == ("题目", "一段。\n二段𫖯。")
    with pytest.raises(Overlong, match="title"):
        Wording("长" * 201, "文。").cleaned()


def test_an_item_can_be_taken_back_until_it_is_taken_up() -> None:
    item = actions.submit(by=who("publicity"), at=AT, series=SERIES, unit="publicity", wording=Wording("题", "文。"))
    with pytest.raises(NotAllowed):
        actions.take_back(by=who("education"), at=AT, item=item)
    assert actions.take_back(by=who("publicity"), at=AT, item=item).state == Item.TAKEN_BACK
    with pytest.raises(WrongState):
        actions.decline(by=who("editor"), at=AT, item=item, reason="重复")


def test_declining_needs_a_reason_which_its_unit_can_read() -> None:
    item = actions.submit(by=who("publicity"), at=AT, series=SERIES, unit="publicity", wording=Wording("题", "文。"))
    with pytest.raises(ReasonMissing):
        actions.decline(by=who("editor"), at=AT, item=item, reason=" ")
    assert actions.decline(by=who("editor"), at=AT, item=item, reason="已刊发").reason == "已刊发"


def test_what_was_handed_in_is_kept_beside_what_was_edited() -> None:
    issue = drafted()
    item = issue.items.get()
    actions.reword(by=who("editor"), at=AT, item=item, wording=Wording("新题", "新文。", "区委宣传部"))
    item.refresh_from_db()
    assert (item.title, item.given_title, item.given_body) == ("新题", *GATE)


def test_words_changed_meanwhile_are_not_overwritten() -> None:
    item = drafted().items.get()
    was = actions.wording_of(item).digest()
    actions.reword(by=who("editor"), at=AT, item=item, wording=Wording("新", "文。"), was=was)
    with pytest.raises(Changed):
        actions.reword(by=who("editor"), at=AT, item=item, wording=Wording("旧", "文。"), was=was)


def test_the_proof_shows_live_numbers_and_plainly_what_has_no_data() -> None:
    issue = drafted(GATE, ("学校", "截至目前，已开课{{lessons_given}}节。"))
    now = proof.of(issue, AT)
    texts = [now.printed(each.body) for each in now.items]
    assert texts[0] == "截至2月5日18时，累计检查车辆5辆、人员10人，24小时不断岗。"
    assert texts[1] == "截至目前，已开课–节。"
    assert now.figures[Key("lessons_given")].no_data
    checks(1)
    assert "车辆6辆" in proof.of(issue, AT).printed(now.items[0].body)


def test_a_leaders_item_stands_first_and_the_others_as_arranged() -> None:
    issue = drafted(("一", "甲。"), ("二", "乙。"), ("三", "丙。"))
    first, second, third = issue.items.in_order()
    actions.arrange(by=who("editor"), at=AT, issue=issue, order=[third.pk, first.pk, second.pk])
    assert [each.title for each in proof.of(issue, AT).items] == ["三", "一", "二"]
    actions.reword(by=who("editor"), at=AT, item=second, wording=Wording("二", "乙。", "区委宣传部", leading=True))
    assert [each.title for each in proof.of(issue, AT).items] == ["二", "三", "一"]


def test_lint_errors_keep_a_draft_from_review_and_say_why() -> None:
    issue = drafted(("题", "累计检查5辆。"))
    with pytest.raises(Faulty) as caught:
        actions.send(by=who("editor"), at=AT, issue=issue)
    assert [(each.code, each.right) for each in caught.value.findings] == [("number", "{{vehicles_checked}}")]
    issue.refresh_from_db()
    assert issue.state == Issue.DRAFT


def test_draft_review_and_signature_are_of_three_people() -> None:
    for power_holder, role in (
        ("editor", "office_reviewer"),
        ("editor", "office_signer"),
        ("reviewer", "office_signer"),
    ):
        grant(by=None, at=AT, user=who(power_holder), role=Role.objects.get(pk=role), area="410106")
    issue = drafted()
    actions.send(by=who("editor"), at=AT, issue=issue)
    with pytest.raises(SamePerson):
        actions.review(by=who("editor"), at=AT, issue=issue)
    actions.review(by=who("reviewer"), at=AT, issue=issue)
    for same in ("editor", "reviewer"):
        with pytest.raises(SamePerson):
            actions.sign(by=who(same), at=AT, issue=issue)
    assert actions.sign(by=who("signer"), at=AT, issue=issue).state == Issue.SIGNED


def test_each_step_needs_its_power_and_its_turn() -> None:
    issue = drafted()
    with pytest.raises(NotAllowed):
        actions.send(by=who("publicity"), at=AT, issue=issue)
    with pytest.raises(WrongState):
        actions.review(by=who("reviewer"), at=AT, issue=issue)
    actions.send(by=who("editor"), at=AT, issue=issue)
    with pytest.raises(WrongState):
        actions.reword(by=who("editor"), at=AT, item=issue.items.get(), wording=Wording("a", "b"))
    with pytest.raises(NotAllowed):
        actions.review(by=who("signer"), at=AT, issue=issue)
    with pytest.raises(WrongState):
        actions.sign(by=who("signer"), at=AT, issue=issue)


def test_a_returned_issue_is_mended_and_reviewed_anew() -> None:
    issue = drafted()
    actions.send(by=who("editor"), at=AT, issue=issue)
    with pytest.raises(ReasonMissing):
        actions.give_back(by=who("reviewer"), at=AT, issue=issue, reason="")
    actions.give_back(by=who("reviewer"), at=AT, issue=issue, reason="标题重复")
    actions.send(by=who("editor"), at=AT, issue=issue)
    actions.review(by=who("reviewer"), at=AT, issue=issue)
    actions.give_back(by=who("signer"), at=AT, issue=issue, reason="缺一则")
    issue.refresh_from_db()
    assert issue.state == Issue.DRAFT
    reasons = list(SignOff.objects.filter(issue=issue, act=SignOff.RETURNED).values_list("reason", flat=True))
    assert reasons == ["标题重复", "缺一则"]


def test_the_signature_numbers_freezes_prints_and_sends_out() -> None:
    issue = signed()
    assert (issue.number, issue.year, issue.state) == (1, 2020, Issue.SIGNED)
    cited = {each.name: each.frozen for each in Citation.objects.filter(issue=issue).select_related("frozen")}
    assert {name: row.shown for name, row in cited.items()} == {"vehicles_checked": "5", "persons_checked": "10"}
    assert all(verify(row).same for row in cited.values())
    assert {each.format for each in issue.prints.all()} == {"pdf", "docx"}
    assert all(sha256(each.data).hexdigest() == each.sha256 for each in issue.prints.all())
    assert issue.recipients.count() == len(proof.series(SERIES).distribution) > 5


def test_a_signed_issue_keeps_its_numbers_and_prints_the_same_bytes_again(faces: Path) -> None:
    issue = signed()
    checks(3)
    later = AT + timedelta(days=3)
    stands = proof.of(issue, later)
    assert "车辆5辆" in stands.printed(stands.items[0].body)
    kept = bytes(issue.prints.get(format=Print.PDF).data)
    assert pdf.render(stands.document(), folder=faces, at=issue.signed_at) == kept
    # A pack that changes its masthead later changes nothing that was printed.
    renamed = replace(stands, series=stands.series.model_copy(update={"masthead": "另一刊名"}))
    assert renamed.document().masthead == "上街信息"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Print.objects.filter(issue=issue).update(sha256="0")


def test_numbers_restart_each_year_and_supplements_are_counted_apart() -> None:
    numbers = [
        signed(at=AT).number,
        signed(("二", "乙。"), at=AT + timedelta(days=1)).number,
        signed(("三", "丙。"), at=AT + timedelta(days=2), supplement=True).number,
        signed(("四", "丁。"), at=AT + timedelta(days=400)).number,
    ]
    assert numbers == [1, 2, 1, 1]
    supplement = Issue.objects.get(supplement=True)
    assert proof.of(supplement, AT).document().number == "增刊第1期"


def test_a_draft_shows_the_number_it_would_bear() -> None:
    signed()
    assert proof.of(drafted(("二", "乙。")), AT).document("送审稿").number == "第2期"


def test_an_issue_whose_instant_lies_ahead_cannot_be_signed() -> None:
    issue = drafted()
    actions.edit(by=who("editor"), at=AT, issue=issue, title="题", on=date(2020, 2, 6), as_of=AT + timedelta(hours=1))
    actions.send(by=who("editor"), at=AT, issue=issue)
    actions.review(by=who("reviewer"), at=AT, issue=issue)
    with pytest.raises(NotYet):
        actions.sign(by=who("signer"), at=AT, issue=issue)
    issue.refresh_from_db()
    assert (issue.state, issue.number) == (Issue.SIGNATURE, None)


def test_withdrawing_keeps_number_and_prints() -> None:
    issue = signed()
    with pytest.raises(NotAllowed):
        actions.withdraw(by=who("editor"), at=AT, issue=issue, reason="有误")
    gone = actions.withdraw(by=who("signer"), at=AT, issue=issue, reason="有误")
    assert (gone.state, gone.number, gone.prints.count()) == (Issue.WITHDRAWN, 1, 2)
    assert signed(("二", "乙。")).number == 2


def test_the_first_to_open_an_issue_in_a_unit_is_its_receipt() -> None:
    issue = signed()
    reader = who("education")
    actions.open_issue(by=reader, at=AT + timedelta(hours=2), issue=issue)
    actions.open_issue(by=reader, at=AT + timedelta(hours=5), issue=issue)
    actions.open_issue(by=who("leader"), at=AT, issue=issue)
    row = Recipient.objects.get(issue=issue, unit="education")
    assert (row.opened_by, row.waited(AT)) == (reader, 2.0)
    unread = Recipient.objects.unread().count()
    assert unread == issue.recipients.count() - 1
    assert actions.remind(by=who("editor"), at=AT + timedelta(hours=6), issue=issue) == unread
    row.refresh_from_db()
    assert row.reminded_at is None


def test_every_act_is_an_entry_of_the_journal() -> None:
    issue = signed()
    acts = list(SignOff.objects.filter(issue=issue).order_by("id"))
    assert [each.act for each in acts] == ["begun", "edited", "sent", "reviewed", "signed"]
    written = Entry.objects.in_bulk([each.entry for each in acts])
    assert [written[each.entry].answers["act"] for each in acts] == [each.act for each in acts]
    assert written[acts[-1].entry].by == who("signer").pk
    # What was reviewed is what was signed.
    assert acts[-1].digest == acts[-2].digest


def test_recent_titles_are_warned_of_across_issues() -> None:
    signed()
    issue = drafted((GATE[0], "有序。"))
    found = proof.findings(proof.of(issue, AT))
    assert [(each.code, each.severity) for each in found] == [("duplicate", "warning")]
