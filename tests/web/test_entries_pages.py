"""The entries: a day at a time, masked, filtered by the address, each page continuing where the last one ended."""

import re
from datetime import timedelta

import pytest
from web_house import AT, EAST, browser, check, write

from lianfang.doors.web import keyset
from lianfang.journal.models import Entry
from lianfang.registry.models import AccessLog

pytestmark = pytest.mark.usefixtures("house")


def shown(client, address):
    return re.findall(r'data-main href="/entries/([0-9a-f-]+)/"', client.get(address).content.decode())


def test_the_newest_entries_come_first_and_no_plate_is_legible():
    first, second = write(check(30), check(20, plate="豫A99999"))
    client = browser("traffic")
    assert shown(client, "/entries/") == [str(second), str(first)]
    text = client.get("/entries/").content.decode()
    assert "豫A99999" not in text
    assert "豫A***99" in text


def test_filters_in_the_address_narrow_the_list():
    _passed, turned = write(check(30), check(20, decision="turn_back", reason="no_mask"))
    (north,) = write(check(10, place="cp-highway"))
    client = browser("traffic")
    assert shown(client, "/entries/?kind=vehicle_check&decision=turn_back") == [str(turned)]
    assert shown(client, "/entries/?place=cp-highway") == [str(north)]
    assert shown(client, "/entries/?kind=complaint_received") == []
    assert shown(client, "/entries/?day=2020-02-04") == []


def test_the_pages_together_hold_every_entry_once(monkeypatch):
    monkeypatch.setattr(keyset.page, "__kwdefaults__", {"backwards": False, "size": 4})
    # Two at the same instant, so that the time alone does not order them.
    made = {str(each) for each in write(*(check(30 - number // 2) for number in range(11)))}
    client, address, found = browser("traffic"), "/entries/", []
    while address:
        text = client.get(address).content.decode()
        found += re.findall(r'data-main href="/entries/([0-9a-f-]+)/"', text)
        further = re.search(r'href="(\?[^"]*)" rel="next"', text)
        address = "/entries/" + further[1].replace("&amp;", "&") if further else ""
    assert len(found) == len(made)
    assert set(found) == made


def test_a_nonsense_word_for_the_next_page_begins_at_the_beginning():
    (only,) = write(check())
    for word in ("x", "W10", "WyIyMDIwIl0", "%00", "W251bGwsbnVsbF0"):
        assert shown(browser("traffic"), f"/entries/?after={word}") == [str(only)]


def test_nothing_is_shown_that_had_not_been_recorded_by_then():
    write(check(), at=AT + timedelta(minutes=5))
    assert shown(browser("traffic"), "/entries/") == []


def test_names_need_a_purpose_and_leave_a_trace():
    (entry,) = write(check())
    client = browser("shift-leader")
    plain = client.get(f"/entries/{entry}/").content.decode()
    assert "豫A12345" not in plain
    without = client.post(f"/entries/{entry}/names/", {"purpose": ""})
    assert "豫A12345" not in without.content.decode()
    assert AccessLog.objects.count() == 0
    opened = client.post(f"/entries/{entry}/names/", {"purpose": "duty"})
    assert "豫A12345" in opened.content.decode()
    (look,) = AccessLog.objects.all()
    assert (look.by.username, look.purpose, look.subject) == (
        "shift-leader",
        "duty",
        Entry.objects.get(pk=entry).subject,
    )


def test_who_may_not_see_names_is_offered_none_and_refused():
    (entry,) = write(check())
    client = browser("traffic")
    assert "purpose" not in client.get(f"/entries/{entry}/").content.decode()
    assert client.post(f"/entries/{entry}/names/", {"purpose": "duty"}).status_code == 403


def test_an_entry_outside_ones_area_is_not_there():
    (entry,) = write(check(place="cp-highway"))
    assert browser("gongyelu").get(f"/entries/{entry}/").status_code == 404


def test_finding_by_number_is_posted_logged_and_bounded_by_the_area():
    write(check(plate="豫A12345"), check(20, place="cp-highway", plate="豫A77777"))
    client = browser("shift-leader")
    assert "豫A12345" not in client.post("/find/", {"q": "豫A12345"}).content.decode().split("</header>")[1].replace(
        'value="豫A12345"', ""
    )
    assert AccessLog.objects.count() == 0
    found = client.post("/find/", {"q": "豫A·12345", "purpose": "duty"})
    assert "<strong>豫A12345</strong>" in found.content.decode()
    assert AccessLog.objects.count() == 1
    elsewhere = client.post("/find/", {"q": "豫A77777", "purpose": "duty"})
    assert "Nobody found" in elsewhere.content.decode()


def test_the_sheet_is_a_part_for_the_page_and_a_page_for_the_address():
    (entry,) = write(check(place=EAST))
    client = browser("traffic")
    part = client.get(f"/entries/{entry}/", headers={"HX-Request": "true"}).content.decode()
    whole = client.get(f"/entries/{entry}/").content.decode()
    assert part.lstrip().startswith('<aside class="sheet"')
    assert "<!doctype html>" in whole
