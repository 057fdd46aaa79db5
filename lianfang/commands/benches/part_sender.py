"""A sender of entries for benchmarks: plain sockets and bodies made beforehand, so that it costs the server little.

Run as a module it reads its orders as JSON from its input and prints what it saw as JSON.
"""

import json
import random
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lianfang.journal import ids
from lianfang.registry.identity import PROVINCES


@dataclass
class Seen:
    """What one connection saw: seconds for each request, and how many entries were stored."""

    seconds: list[float] = field(default_factory=list)
    stored: int = 0
    faults: list[str] = field(default_factory=list)


class Sender:
    """One connection that is kept open."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.socket: socket.socket | None = None

    def request(self, body: bytes) -> bytes:
        """Send a body to `/api/entries` and return the answer's body.

        Raises:
            OSError: the connection broke.
            ValueError: another status than 200; the answer is in the message.
        """
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            f"POST /api/entries HTTP/1.1\r\nHost: localhost\r\nAuthorization: Device {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + body)
        return self._answer(self.socket)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _answer(self, connection: socket.socket) -> bytes:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more(connection)
        head = data[:end].lower()
        if b"content-length:" not in head:
            raise ValueError(data[:600].decode(errors="replace"))
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(data) < end + 4 + length:
            data += self._more(connection)
        if not head.startswith(b"http/1.1 200"):
            raise ValueError(data[:600].decode(errors="replace"))
        return data[end + 4 :]

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        part = connection.recv(1 << 18)
        if not part:
            raise ConnectionResetError("the server closed the connection")
        return part


def vehicle(at: datetime, chance: random.Random) -> dict[str, Any]:
    """Return a vehicle check with its plate, its driver's phone and one to four people, as a gate hands it in."""
    people = chance.choices((1, 2, 3, 4), (52, 27, 13, 8))[0]
    answers = {
        "plate": f"{chance.choice(PROVINCES)}A{chance.randrange(10**5):05d}",
        "plate_type": "ordinary",
        "direction": "in",
        "device_class": "forehead",
        "occupants": [{"temperature": round(chance.uniform(35.9, 36.9), 1)} for _ in range(people)],
        "origin": chance.choice(("district", "city", "province")),
        "resident": "yes",
        "errand": "work",
        "decision": "admit",
        "disinfected": "yes",
        "driver_phone": f"138{chance.randrange(10**8):08d}",
    }
    return {"id": str(ids.make(at)), "form": "vehicle_check", "at": at.isoformat(), "answers": answers}


def body(at: datetime, rows: int, chance: random.Random) -> bytes:
    """Return a request of so many vehicle checks that happened within the minute before `at`."""
    entries = [vehicle(at - timedelta(milliseconds=chance.randrange(60_000)), chance) for _ in range(rows)]
    return json.dumps({"sent_at": at.isoformat(), "entries": entries}, ensure_ascii=False).encode()


def send(port: int, key: str, bodies: list[bytes], until: float, seen: Seen) -> None:
    """Send bodies one after another until the time is over or they are used up."""
    sender = Sender(port, key)
    for each in bodies:
        began = time.perf_counter()
        if began > until:
            break
        try:
            answer = sender.request(each)
        except (OSError, ValueError) as fault:
            seen.faults.append(str(fault))
            sender.close()
            continue
        seen.seconds.append(time.perf_counter() - began)
        seen.stored += answer.count(b'"status":"stored"')
    sender.close()


def main() -> None:
    """Carry out the orders: port, key, at, connections, rows in a request, requests in all, seconds."""
    orders = json.loads(sys.stdin.readline())
    chance = random.Random(orders["seed"])  # noqa: S311 - made-up vehicles
    at = datetime.fromisoformat(orders["at"])
    bodies = [body(at, orders["rows"], chance) for _ in range(orders["requests"])]
    connections = orders["connections"]
    seen = [Seen() for _ in range(connections)]
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    until = began + orders["seconds"]
    threads = [
        threading.Thread(target=send, args=(orders["port"], orders["key"], bodies[number::connections], until, each))
        for number, each in enumerate(seen)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = {
        "elapsed": time.perf_counter() - began,
        "stored": sum(each.stored for each in seen),
        "seconds": [second for each in seen for second in each.seconds],
        "faults": [fault for each in seen for fault in each.faults][:3],
        "used_up": sum(len(each.seconds) + len(each.faults) for each in seen) >= len(bodies),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
