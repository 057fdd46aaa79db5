"""Figures on pages: as of an instant, down to the entries, nothing made up where there is nothing."""

import csv
import io
from datetime import timedelta

import pytest
from web_house import AT, browser, check, count, write

from lianfang.doors.web import tables
from lianfang.figures import actions

pytestmark = pytest.mark.usefixtures("house")


def value(client, name, query=""):
    return client.get(f"/figures/{name}/{query}").context["tile"].value


def test_a_figure_can_be_looked_at_as_it_was():
    write(check(90), at=AT - timedelta(minutes=80))
    write(check(30), check(20), at=AT - timedelta(minutes=10))
    client = browser("traffic")
    assert value(client, "vehicles_checked").number == 3
    assert value(client, "vehicles_checked", "?as_of=2020-02-05T08:30").number == 1
    # The future is not known: asked for it, the page shows now.
    assert value(client, "vehicles_checked", "?as_of=2031-01-01T00:00").as_of == AT


def test_nothing_recorded_is_not_shown_as_zero():
    client = browser("traffic")
    text = client.get("/figures/vehicles_checked/").content.decode()
    assert "figure-big nodata" in text
    assert "That is not zero" in text
    write(check(30))
    turned = client.get("/figures/vehicles_turned_back/").content.decode()
    assert "figure-big nodata" not in turned
    assert value(client, "vehicles_turned_back").number == 0


def test_the_entries_behind_a_figure_are_exactly_those_it_counts():
    _one, turned = write(check(30), check(20, decision="turn_back", reason="no_mask"))
    write(count(8, 5))
    answer = browser("traffic").get("/figures/vehicles_turned_back/entries/")
    assert [row.entry.id for row in answer.context["rows"]] == [turned]


def test_who_may_see_no_entries_sees_the_figure_and_not_what_is_behind_it():
    write(check(30))
    client = browser("leader")
    assert value(client, "vehicles_checked").number == 1
    assert client.get("/figures/vehicles_checked/entries/").status_code == 403


def test_an_export_says_how_many_rows_before_it_starts_and_holds_as_many():
    write(check(30), check(20))
    client = browser("traffic")
    assert "Export 2 rows" in client.get("/figures/vehicles_checked/entries/?export=ask").content.decode()
    answer = client.get("/figures/vehicles_checked/entries/?export=csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(lines) == 1 + 2
    assert not any("豫A12345" in cell for line in lines for cell in line)


def test_the_breakdown_exported_is_the_breakdown_shown():
    write(check(30), check(20, place="cp-highway"))
    answer = browser("traffic").get("/figures/vehicles_checked/export/")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    shown = browser("traffic").get("/figures/vehicles_checked/").context["breakdown_rows"]
    assert len(lines) == 1 + shown
    assert sum(int(line[3]) for line in lines[1:] if line[1] == "Place") == 2


def test_a_text_that_a_spreadsheet_would_run_is_made_plain():
    assert tables.line(["=1+1", "@x", "-3", "+2.5", "a"]) == "'=1+1,'@x,-3,+2.5,a\r\n"


def test_a_frozen_figure_is_listed_and_leads_back_to_its_instant():
    write(check(90), at=AT - timedelta(minutes=80))
    as_of = AT - timedelta(minutes=60)
    actions.freeze(names=["vehicles_checked"], as_of=as_of, by=None, at=AT)
    write(check(30))
    client = browser("traffic")
    answer = client.get("/figures/vehicles_checked/")
    (frozen,) = answer.context["frozen"]
    assert frozen.shown == "1"
    assert "as_of=2020-02-05T08%3A30%3A00" in answer.content.decode()
    assert value(client, "vehicles_checked", "?as_of=2020-02-05T08:30:00").number == 1


def test_every_figure_of_the_pack_has_a_page():
    from lianfang.doors.web import house

    client = browser("traffic")
    assert client.get("/figures/").context["count"] == len(house.pack().figures)
    for name in list(house.pack().figures)[::6]:
        assert client.get(f"/figures/{name}/").status_code == 200, name
    assert client.get("/figures/nothing/").status_code == 404
