"""Whoever may not open a page is told whose permission is missing; whoever may sees their own area."""

import pytest
from django.test import Client
from web_house import browser

pytestmark = pytest.mark.usefixtures("house")


def test_a_stranger_is_led_to_the_sign_in_page_and_back():
    answer = Client().get("/figures/?area=410106")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Ffigures%2F%3Farea%3D410106"


def test_a_part_of_a_page_that_lost_its_session_reloads_the_whole_page():
    answer = Client().get("/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_a_refusal_names_the_roles_that_may():
    answer = browser("gate-worker").get("/figures/")
    assert answer.status_code == 403
    assert "see the figures" in answer.content.decode()
    assert "Traffic control officer" in answer.content.decode()
    assert "Checkpoint registrar" not in answer.content.decode()


def test_the_rail_shows_only_what_the_role_may_open():
    text = browser("audit-admin").get("/account/").content.decode()
    assert 'href="/administration/"' in text
    assert 'href="/figures/"' not in text


def test_who_has_no_overview_is_led_to_the_first_page_that_is_theirs():
    assert browser("gate-worker").get("/")["Location"] == "/checkpoints/"


def test_the_area_in_the_address_counts_only_inside_ones_own():
    own = browser("gongyelu").get("/?area=410106001").context["area"]
    assert own == "410106004"
    assert browser("gongyelu").get("/?area=410106004003").context["area"] == "410106004003"


def test_the_language_is_kept_and_a_foreign_address_is_not_followed():
    client = Client()
    answer = client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert client.cookies["django_language"].value == "en"


def test_the_live_token_carries_the_area_and_the_units_of_the_user():
    from lianfang.doors.web import tokens

    told = browser("sanwanjie").get("/live/token/").json()
    heard = tokens.read(told["token"])
    assert heard is not None
    assert not any(each.covers("410106004", "com-sanwanjie") for each in heard)
    assert any(each.covers("410106001005", "com-sanwanjie") for each in heard)
    assert told["url"].endswith("/live/stream")
