"""Chinese first, English by the switch; programs say their language in the header."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_is_chinese_whatever_the_browser_asks_for():
    assert Client().get("/sign-in/", headers={"accept-language": "en"})["Content-Language"] == "zh-hans"


def test_the_switch_makes_it_english_and_a_nonsense_cookie_does_not():
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert client.get("/sign-in/")["Content-Language"] == "en"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert client.get("/sign-in/")["Content-Language"] == "zh-hans"


def test_a_program_says_its_language_in_the_header():
    def told(language: str) -> str:
        headers = {"accept-language": language}
        answer = Client().post("/api/entries", data=b"{", content_type="application/json", headers=headers)
        return str(answer.json()["error"]["message"])

    assert told("en").isascii()
    assert not told("zh-hans").isascii()
