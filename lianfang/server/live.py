"""The live process: one small ASGI program that tells browsers what was written, in order, as it is committed.

One connection listens to the journal's notifications; each browser holds one event stream. An event says kind,
place, area, unit, time and decision, never who. A browser that comes back says the last number it saw and is
given what it missed; where that is too much it is told to fetch its page anew (`reset`).
"""

import asyncio
import json
import logging
import os
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianfang.server.settings")

import psycopg
from django.conf import settings

from lianfang import clock, database
from lianfang.doors.web import tokens

log = logging.getLogger("lianfang.live")

CHANNEL = "lianfang"
BEAT = 15.0  # seconds between heartbeats: proxies keep the stream open, pages know that we are there
LOOK = 5.0  # seconds after which the journal is looked at though nothing was notified
TICK = 0.1  # seconds between two looks, so that a flood of notifications is read in pieces
AWAY = 1.0  # seconds until a lost database is asked for again
AHEAD = 3.0  # seconds a number from the future is waited for; a restored database may never reach it
KEPT = 10_000  # events kept in memory for those who come back soon
MOST = 2_000  # events in one piece; beyond it a page is quicker fetched anew

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

READ = """
select seq, kind, place, area, unit, at, answers ->> 'decision', exercise, corrects is not null
from journal_entry where seq > %s and seq <= %s order by seq limit %s
"""
HORIZON = "select noted, xact::text, safe from journal_horizon(%s::bigint, %s::xid8)"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry as browsers hear of it: what decides who may, and its bytes on the wire."""

    seq: int
    area: str
    unit: str
    wire: bytes


@dataclass(slots=True)
class Feed:
    """What was written, read once and shared by every stream.

    Args:
        url: the address of the database.
        done: everything up to this number has been handed to the streams.
        start: the number just before the oldest event kept.
    """

    url: str
    done: int = 0
    start: int = 0
    kept: list[Event] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard: float = 0.0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    def alive(self) -> bool:
        """Say whether the database has answered lately."""
        return time.monotonic() - self.heard < 2 * LOOK

    async def run(self) -> None:
        """Follow the journal for ever; a database that goes away is waited for."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                    await self._follow(connection)
            except (psycopg.Error, OSError) as fault:
                log.warning("the database is away: %s", str(fault).strip())
            await asyncio.sleep(AWAY)

    async def _follow(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(f"listen {CHANNEL}")
        noted: int | None = None
        mark: str | None = None
        while True:
            found = await (await connection.execute(HORIZON, (noted, mark))).fetchone()
            assert found is not None
            noted, mark, safe = found
            self.heard = time.monotonic()
            if safe is not None:
                await self._advance(connection, safe)
            waits = safe is None or noted is None or safe < noted
            async for _ in connection.notifies(timeout=TICK if waits else LOOK, stop_after=1):
                await asyncio.sleep(TICK)

    async def _advance(self, connection: psycopg.AsyncConnection, safe: int) -> None:
        if not self.ready.is_set():
            self.done = self.start = safe
            self.ready.set()
        if safe <= self.done:
            return
        found = await _read(connection, self.done, safe, MOST + 1)
        if len(found) > MOST:
            self.kept, self.start = [], safe
        self.kept += found if len(found) <= MOST else []
        if len(self.kept) > 2 * KEPT:
            self.start = self.kept[-KEPT - 1].seq
            self.kept = self.kept[-KEPT:]
        self.done = safe
        self.news.set()
        self.news = asyncio.Event()

    async def since(self, after: int) -> tuple[list[Event] | None, int]:
        """Return what follows a number, and the number up to which that is all; None for the list: too much.

        Raises:
            psycopg.Error: it lies too far back to be in memory, and the database is away.
        """
        upto = self.done
        if after > upto:
            return None, upto
        if after >= self.start:
            found = self.kept[bisect_right(self.kept, after, key=lambda event: event.seq) :]
        else:
            async with self.readers, await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                found = await _read(connection, after, upto, MOST + 1)
        return (found if len(found) <= MOST else None), upto


async def _read(connection: psycopg.AsyncConnection, after: int, upto: int, most: int) -> list[Event]:
    rows = await (await connection.execute(READ, (after, upto, most))).fetchall()
    return [_event(*row) for row in rows]


def _event(seq: int, kind: str, place: str, area: str, unit: str, at: Any, decision: str | None, *flags: bool) -> Event:
    told: dict[str, Any] = {"seq": seq, "kind": kind, "place": place, "area": area, "at": at.isoformat()}
    if decision:
        told["decision"] = decision
    told |= {name: True for name, flag in zip(("exercise", "correction"), flags, strict=True) if flag}
    return Event(seq, area, unit, _wire("entry", seq, told))


def _wire(name: str, seq: int, told: dict[str, Any]) -> bytes:
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\nid: {seq}\ndata: {data}\n\n".encode()


def _beat(seq: int) -> bytes:
    return _wire("beat", seq, {"at": clock.now().isoformat(), "seq": seq})


async def stream(feed: Feed, heard: tuple[tokens.Stretch, ...], after: int | None) -> AsyncIterator[bytes]:
    """Write one browser's stream until its token's life has passed.

    Args:
        feed: what was written.
        heard: what this browser may hear.
        after: the last number it saw; None for a page just opened.
    """
    await feed.ready.wait()
    ends = time.monotonic() + tokens.LIFE
    cursor = feed.done if after is None else after
    yield b"retry: 2000\n\n" + _beat(min(cursor, feed.done))
    await _catch_up(feed, cursor)
    due = time.monotonic() + BEAT
    while time.monotonic() < ends:
        news = feed.news
        try:
            found, upto = await feed.since(cursor)
        except (psycopg.Error, OSError):
            await asyncio.sleep(AWAY)
            continue
        if found is None:
            yield _wire("reset", upto, {"seq": upto})
        elif told := [event.wire for event in found if any(each.covers(event.area, event.unit) for each in heard)]:
            yield b"".join(told)
        cursor = upto
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), max(0.0, due - time.monotonic()))
        if time.monotonic() >= due:
            due = time.monotonic() + BEAT
            yield _beat(cursor) if feed.alive() else b": the database is away\n\n"


async def _catch_up(feed: Feed, number: int) -> None:
    """Give a feed that is a moment behind what a browser has seen (from another live process) time to get there."""
    until = time.monotonic() + AHEAD
    while feed.done < number and time.monotonic() < until:
        with suppress(TimeoutError):
            await asyncio.wait_for(feed.news.wait(), TICK)


class Application:
    """The ASGI program: `/live/stream`, and nothing else."""

    def __init__(self, url: str, origins: frozenset[str]) -> None:
        self.url = url
        self.origins = origins
        self.feed: Feed | None = None
        self.following: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            said = (await receive())["type"]
            if said == "lifespan.startup":
                self._begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self.following:
                    self.following.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _begin(self) -> Feed:
        if self.feed is None:
            self.feed = Feed(self.url)
            self.following = asyncio.create_task(self.feed.run())
        return self.feed

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        cors = self._cors(headers.get("origin", ""))
        heard = tokens.read(query.get("token", ""))
        if scope["path"] != "/live/stream":
            return await _refuse(send, 404, "not_found", cors)
        if scope["method"] != "GET":
            return await _refuse(send, 405, "method", cors)
        if heard is None:
            return await _refuse(send, 401, "token", cors)
        # The browser's own word on reconnecting is newer than the address it was opened with.
        said = headers.get("last-event-id") or query.get("after", "")
        await self._stream(stream(self._begin(), heard, int(said) if said.isdigit() else None), cors, receive, send)
        return None

    async def _stream(self, parts: AsyncIterator[bytes], cors: list[Any], receive: Receive, send: Send) -> None:
        kind = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        fresh = [(b"cache-control", b"no-store, no-transform")]
        await send({"type": "http.response.start", "status": 200, "headers": [*kind, *fresh, *cors]})
        writing = asyncio.create_task(_write(parts, send))
        leaving = asyncio.create_task(_gone(receive))
        _done, running = await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)

    def _cors(self, origin: str) -> list[tuple[bytes, bytes]]:
        if origin not in self.origins:
            return [(b"vary", b"origin")]
        return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]


async def _write(parts: AsyncIterator[bytes], send: Send) -> None:
    async for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, code: str, headers: list[tuple[bytes, bytes]]) -> None:
    body = json.dumps({"error": {"code": code}}).encode()
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json"), *headers]}
    )
    await send({"type": "http.response.body", "body": body})


def _origins() -> frozenset[str]:
    ports = ("", f":{settings.PORT}")
    return frozenset(
        f"{scheme}://{host}{port}" for host in settings.HOSTS for scheme in ("http", "https") for port in ports
    )


application = Application(database.address(settings.HOME), _origins())
