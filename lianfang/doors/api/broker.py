"""Readings over MQTT: the same checks as over HTTP, and nothing acknowledged before it is stored.

A device publishes to `lianfang/<device>/readings` with QoS 1, its key in the payload; the verdicts go to
`lianfang/<device>/verdicts`. The session is kept by the broker, so what is published while we are away, or while
the database is down, waits there.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
from django.conf import settings
from django.db import close_old_connections
from django.utils import translation

from lianfang import clock
from lianfang.doors.api import access, batches, disorder, readings, refusals, wire
from lianfang.doors.api.refusals import Refusal

logger = logging.getLogger(__name__)
TOPIC = "lianfang/+/readings"
IDENTIFIER = "lianfang-watch"
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to sign in there."""

    host: str
    port: int
    user: str | None
    password: str | None
    encrypted: bool


class BrokerFault(ValueError):
    """The broker's address cannot be used; the message says what one looks like."""


def address(url: str) -> Broker:
    """Return the broker behind an address such as `mqtt://user:password@host:1883` or `mqtts://…`.

    Raises:
        BrokerFault: it is no such address.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise BrokerFault(f"LIANFANG_BROKER is {url!r}; expected mqtt://user:password@host:1883 or mqtts://…")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    port = parts.port or PORTS[parts.scheme]
    return Broker(parts.hostname, port, user, password, parts.scheme == "mqtts")


def handle(topic: str, payload: bytes) -> bytes:
    """Store what came on a topic and return what the device is told, as JSON.

    Raises:
        Refusal: with a status of 500 or more: the house is in disorder, and the message must wait.
    """
    try:
        with translation.override(settings.LANGUAGE_CODE):
            return wire.encode(_receive(topic, payload))
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        return _told(topic, refusal)
    except disorder.FAULTS as fault:
        raise disorder.refusal(fault) from fault


def _receive(topic: str, payload: bytes) -> wire.Answer:
    if len(payload) > wire.BYTES:
        raise refusals.too_large(wire.BYTES)
    told = batches.value(payload)
    key = told.get("key") if isinstance(told, dict) else None
    caller = access.of_device(f"Device {key}" if isinstance(key, str) else None, clock.now())
    assert caller.device is not None
    # The topic says who speaks, the key proves it.
    if caller.device.device.code != topic.split("/")[1]:
        raise refusals.unknown_key()
    if not caller.may("entries.write"):
        raise refusals.not_allowed("entries.write")
    return readings.receive(told, caller, settings.LANGUAGE_CODE)


def _told(topic: str, refusal: Refusal) -> bytes:
    logger.warning("Refused a message on %s: %s", topic, refusal.message)
    return wire.encode({"error": {"code": refusal.code, "message": refusal.message, **refusal.more}})


async def listen(broker: Broker, *, connected: Callable[[], None] = lambda: None) -> None:
    """Listen until cancelled, connecting again whenever the broker vanishes.

    Args:
        broker: where.
        connected: called each time the connection stands.
    """
    wait = FIRST_WAIT
    # One thread, so that one connection to the database is enough and messages keep their order.
    with ThreadPoolExecutor(1, thread_name_prefix="readings") as pool:
        while True:
            try:
                async with _client(broker) as client:
                    await client.subscribe(TOPIC, qos=1)
                    connected()
                    wait = FIRST_WAIT
                    async for message in client.messages:
                        await _one(client, message, pool)
            except aiomqtt.MqttError as fault:
                logger.warning("The broker %s:%s is away (%s); again in %.1f s", broker.host, broker.port, fault, wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)


def _client(broker: Broker) -> aiomqtt.Client:
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user,
        password=broker.password,
        identifier=IDENTIFIER,
        clean_session=False,
        tls_context=ssl.create_default_context() if broker.encrypted else None,
    )
    # The library under it would acknowledge on arrival; we do so once the reading is stored.
    client._client.manual_ack_set(True)
    return client


def _handled(topic: str, payload: bytes) -> bytes:
    # Nothing here begins and ends like a web request, which is when Django looks after its connections.
    close_old_connections()
    return handle(topic, payload)


async def _one(client: aiomqtt.Client, message: aiomqtt.Message, pool: ThreadPoolExecutor) -> None:
    topic, payload = str(message.topic), _bytes(message.payload)
    wait = FIRST_WAIT
    while True:
        try:
            told = await asyncio.get_running_loop().run_in_executor(pool, _handled, topic, payload)
            break
        except Refusal as refusal:
            logger.warning("A reading waits: %s", refusal.message)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
    client._client.ack(message.mid, message.qos)
    await client.publish(f"lianfang/{topic.split('/')[1]}/verdicts", told, qos=0)


def _bytes(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else str(payload or "").encode()
