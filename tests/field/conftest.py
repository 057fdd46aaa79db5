"""A real house in a process of its own, a line that can be cut, and phones in Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from field_house import CHROMIUM, NOON, SIZE, House, Line, Phone


@pytest.fixture(scope="session")
def whole_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    from lianfang.database import embedded

    given = os.environ.get("DATABASE_URL") or embedded(Path(os.environ["LIANFANG_HOME"])).url()
    name = f"lianfang_field_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    own = psycopg.conninfo.conninfo_to_dict(given) | {"dbname": name}
    user, password = own.get("user", ""), own.get("password", "")
    address = f"postgresql://{user}:{password}@/{name}?host={str(own['host']).replace('/', '%2F')}"
    made = House(tmp_path_factory.mktemp("house"), address)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: Any) -> Iterator[Any]:
    launched = chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield launched
    launched.close()


@pytest.fixture
def house(whole_house: House) -> House:
    """The house, running, at noon, its journal told apart from earlier tests' by counting from here."""
    if whole_house.process is None:
        whole_house.start()
    if whole_house.shown != NOON:
        whole_house.show(NOON)
    return whole_house


@pytest.fixture(scope="session")
def whole_line(whole_house: House) -> Line:
    return Line(whole_house)


@pytest.fixture
def line(house: House, whole_line: Line) -> Iterator[Line]:
    whole_line.restore()
    yield whole_line
    whole_line.restore()


@pytest.fixture
def phones(browser: Any, house: House, line: Line) -> Iterator[Callable[..., Phone]]:
    """Phones on the line, each with a browser's storage of its own."""
    made: list[Phone] = []

    def phone(who: str = "gate-worker", offline: bool = False, **how: Any) -> Phone:
        # Without its worker a page is there sooner; what is tried without a line needs it.
        workers = "allow" if offline else "block"
        context = browser.new_context(viewport=SIZE, has_touch=True, is_mobile=True, service_workers=workers, **how)
        made.append(Phone(context, line.origin, house.sessions[who], offline))
        return made[-1]

    yield phone
    for each in made:
        each.context.close()
        assert each.faults == []


@pytest.fixture
def phone(phones: Callable[..., Phone]) -> Phone:
    """A phone on the line that has not been set up yet."""
    return phones()


@pytest.fixture
def offline_phone(phones: Callable[..., Phone]) -> Phone:
    """A phone whose page can be loaded without a line, once it has been set up."""
    return phones(offline=True)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "profile"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
