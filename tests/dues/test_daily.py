"""What is owed every day is open from midnight, met by the report of that day, overdue at its hour."""

from datetime import date, datetime, time, timedelta

import pytest
from small_district import AT, draft, later

from lianfang.dues import daily
from lianfang.dues.models import Due
from lianfang.journal import actions, ids
from lianfang.pack import DailyDue, Pack
from lianfang.registry.models import Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district")]
FIVE = datetime(2020, 2, 5, 17, 0, tzinfo=ids.SHANGHAI)


class Rules:
    """A protocol of which the time of reports and the clocks matter."""

    report_time = time(17, 0)
    future_minutes = 2
    fever_c: dict[str, float] = {}

    def on(self, day: date) -> "Rules":
        return self


@pytest.fixture
def reporting(pack: Pack) -> Pack:
    """Return a pack in which every bureau and town reports daily from the third of February on."""
    owed = DailyDue.model_validate(
        {
            "name": "daily_report",
            "kind": "report",
            "about": "unit",
            "of_kinds": ["bureau", "town"],
            "by": "report_time",
            "valid_from": "2020-02-03",
            "title": "r",
            "source": "test",
        }
    )
    return pack.model_copy(update={"dues": (owed,), "protocols": Rules()})


def test_every_unit_that_must_report_is_expected_today(reporting: Pack) -> None:
    assert daily.open_days(pack=reporting, at=AT) == 1
    assert sorted(Due.objects.open(AT).values_list("about", flat=True)) == ["bureau", "town"]
    assert not Due.objects.overdue(FIVE).exists()
    assert Due.objects.overdue(FIVE + timedelta(seconds=1)).count() == 2


def test_opening_a_day_again_opens_nothing(reporting: Pack) -> None:
    daily.open_days(pack=reporting, at=AT)
    assert daily.open_days(pack=reporting, at=later(60)) == 0
    assert Due.objects.count() == 2


def test_a_worker_that_stood_still_opens_the_days_since_the_first_entry(reporting: Pack) -> None:
    first = AT - timedelta(days=4)
    actions.write(drafts=[draft(at=first)], at=first, pack=reporting)
    assert daily.open_days(pack=reporting, at=AT) == 3
    days = {each.astimezone(ids.SHANGHAI).day for each in Due.objects.values_list("by", flat=True)}
    assert days == {3, 4, 5}


def test_a_new_house_owes_nothing_for_the_time_before_it(reporting: Pack) -> None:
    assert daily.open_days(pack=reporting, at=AT + timedelta(days=400)) == 1


def test_a_report_written_before_its_day_was_opened_counts(reporting: Pack) -> None:
    report = draft(kind="report", unit="bureau", area="990101001")
    actions.write(drafts=[report], at=later(1), pack=reporting)
    daily.open_days(pack=reporting, at=later(5))
    assert Due.objects.open(later(5)).get().about == "town"
    met = Due.objects.get(about="bureau")
    assert (met.closed_by, met.closed_at) == (report.id, later(1))


def test_a_report_that_names_its_day_counts_for_that_day(reporting: Pack) -> None:
    morning = AT + timedelta(days=1)
    late = draft(kind="report", unit="bureau", area="990101001", at=morning, answers={"day": "2020-02-05"})
    actions.write(drafts=[draft(), late], at=morning, pack=reporting)
    daily.open_days(pack=reporting, at=morning)
    met = Due.objects.exclude(outcome="").get()
    assert (met.about, met.by, met.closed_at) == ("bureau", FIVE, morning)
    assert Due.objects.late(morning).get() == met


def test_only_units_of_that_day_owe(reporting: Pack) -> None:
    Unit.objects.filter(code="town").update(valid_to=date(2020, 2, 4))
    daily.open_days(pack=reporting, at=AT)
    assert list(Due.objects.values_list("about", flat=True)) == ["bureau"]
