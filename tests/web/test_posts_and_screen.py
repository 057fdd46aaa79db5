"""Checkpoints and the command screen: what is wrong comes first, silence is not calm, every number leads somewhere."""

import re
from datetime import timedelta

import pytest
from web_house import AT, EAST, browser, check, count, write

from lianfang.dues import actions as dues
from lianfang.dues.models import Due
from lianfang.journal.models import Entry

pytestmark = pytest.mark.usefixtures("house")


def expect(minutes: float, *, origin: str = EAST) -> Due:
    """A fever hand-over that the clinic should have confirmed so many minutes ago (below zero: still to come)."""
    due = AT - timedelta(minutes=minutes)
    (opened,) = write(check(80))
    told = dues.Expected(
        name="fever_expects_receipt",
        kind="fever_receipt",
        about=str(opened),
        due_by=due,
        opened_at=AT - timedelta(minutes=70),
        opened_by=opened,
        place="clinic-1",
        area="410106002003",
        unit="fever-clinic",
        origin=origin,
    )
    dues.expect(expected=[told])
    return Due.objects.get(about=str(opened))


def tones(client):
    return {post.place.code: post.tone for post in client.get("/checkpoints/").context["posts"]}


def test_a_post_that_says_nothing_is_silent_and_not_calm():
    write(check(5))
    found = tones(browser("traffic"))
    assert found[EAST] == "good"
    assert found["cp-highway"] == "silent"


def test_a_post_with_an_overdue_hand_over_comes_first():
    expect(10)
    client = browser("traffic")
    assert next(iter(tones(client).items())) == (EAST, "bad")
    assert "late by 10 min" in client.get("/checkpoints/").content.decode()


def test_more_counted_than_registered_is_an_alarm_at_its_hour():
    write(*(check(70 + number) for number in range(10)), count(8, 13))
    client = browser("traffic")
    (gap,) = client.get("/checkpoints/").context["gaps"]
    assert (gap.place, gap.counted, gap.registered, gap.alert) == (EAST, 13, 10, True)
    text = client.get(f"/checkpoints/{EAST}/").content.decode()
    assert "23.1%" in text
    assert tones(client)[EAST] == "attention"


def test_the_hour_under_way_is_not_compared_yet():
    write(*(check(20) for _ in range(3)), count(9, 30, until=20), at=AT)
    assert browser("traffic").get("/checkpoints/").context["gaps"] == []


def test_the_proposal_follows_the_past_days_and_the_queue():
    for days in (1, 2):
        write(
            *(check(days * 24 * 60 + number / 2) for number in range(50)),
            at=AT - timedelta(days=days) + timedelta(hours=1),
        )
    client = browser("traffic")
    alone = client.get(f"/checkpoints/{EAST}/").context["staffing"]
    assert alone.days == 2
    assert alone.now.teams == 1
    at = AT - timedelta(minutes=3)
    queue = check(3)
    queue.kind, queue.answers, queue.subject, queue.personal = "queue_length", {"vehicles": 90, "teams": 1}, None, ()
    queue.quantity = 90
    write(queue, at=at)
    crowded = client.get(f"/checkpoints/{EAST}/").context
    assert crowded["staffing"].now.teams > alone.now.teams
    assert "1 on duty" in client.get(f"/checkpoints/{EAST}/").content.decode()


def test_a_checkpoint_outside_ones_area_is_refused():
    assert browser("jiyuanlu").get(f"/checkpoints/{EAST}/").status_code == 403
    assert browser("jiyuanlu").get("/checkpoints/nowhere/").status_code == 404


def test_every_number_on_the_wall_says_as_of_when_and_can_be_pressed():
    write(check(30))
    text = browser("leader").get("/screen/").content.decode()
    figures = re.findall(r'<a class="wallfigure[^"]*" href="([^"]+)">(.*?)</a>', text, re.S)
    assert len(figures) == 6
    assert all("as of 09:30" in inner and href.startswith("/figures/") for href, inner in figures)


def test_on_the_wall_no_data_is_hatched_and_zero_is_zero():
    empty = browser("leader").get("/screen/").content.decode()
    assert empty.count('class="wallfigure nodata"') == 6
    write(check(30))
    shown = {each.figure.name: each for each in browser("leader").get("/screen/").context["big"]}
    assert shown["vehicles_turned_back"].value.shown == "0"
    assert not shown["vehicles_turned_back"].value.no_data


def test_the_wall_counts_alarms_and_its_marks_pulse():
    expect(10)
    answer = browser("leader").get("/screen/")
    assert answer.context["alarms"] == 1
    assert 'data-alarms="1"' in answer.content.decode()
    assert 'class="pulse"' in answer.content.decode()
    Due.objects.update(by=AT + timedelta(minutes=5))
    later = browser("leader").get("/screen/").content.decode()
    assert 'data-alarms="0"' in later
    assert 'class="pulse"' not in later


def test_the_wall_tells_what_was_decided_and_not_every_vehicle():
    write(check(30), check(20, decision="turn_back", reason="no_mask"))
    events = browser("leader").get("/screen/").context["events"]
    assert [(each.at, each.decision.tone) for each in events] == [(AT - timedelta(minutes=20), "attention")]


def test_the_wall_shows_nothing_of_a_person():
    write(check(20, decision="turn_back", reason="no_mask"))
    text = browser("leader").get("/screen/").content.decode()
    assert "豫A" not in text


def test_a_wall_of_thirty_two_to_nine_gets_its_own_layout():
    write(check(30))
    answer = browser("leader").get("/screen/?wide=1")
    assert 'class="canvas wide"' in answer.content.decode()
    assert len(answer.context["days"]) >= 2


def test_a_due_is_let_go_only_with_a_reason_that_is_kept():
    due = expect(10)
    client = browser("editor")
    client.post(f"/dues/{due.id}/waive/", {"reason": "  "})
    due.refresh_from_db()
    assert due.closed_at is None
    client.post(f"/dues/{due.id}/waive/", {"reason": "Taken to another hospital"})
    due.refresh_from_db()
    assert due.outcome == "waived"
    assert Entry.objects.get(pk=due.closed_by).answers["reason"] == "Taken to another hospital"


def test_who_may_not_let_go_is_refused():
    due = expect(10)
    assert browser("leader").post(f"/dues/{due.id}/waive/", {"reason": "x"}).status_code == 403


def test_the_overview_says_what_is_late_first():
    expect(10)
    answer = browser("leader").get("/")
    (wrong,) = answer.context["wrong"]
    assert (wrong.count, round(wrong.minutes)) == (1, 10)


def test_missing_reports_come_before_those_that_came():
    from lianfang.dues import daily

    assert daily
    day = AT - timedelta(days=1)
    for number, unit in enumerate(("education", "commerce", "police")):
        told = dues.Expected(
            name="unit_report", kind="unit_report", about=unit, due_by=day.replace(hour=17, minute=0),
            opened_at=day.replace(hour=0), unit=unit, area="410106",
        )  # fmt: skip
        dues.expect(expected=[told])
        if number < 2:
            (entry,) = write(check(60 * 18))
            met = day.replace(hour=16 + 2 * number, minute=0)
            dues.meet(kind="unit_report", about=unit, entry=entry, met_at=met, at=met)
    answer = browser("leader").get("/reports/?day=2020-02-04")
    assert [(state, row.due.unit) for state, row in answer.context["rows"]] == [
        ("missing", "police"),
        ("late", "commerce"),
        ("met", "education"),
    ]
    assert answer.context["reported"] == 2
