"""`lianfang watch`: listens to devices that speak over a broker."""

import asyncio
import signal

import click

from lianfang.commands import open_house


@click.command()
def command() -> None:
    """Take readings of gates and counters over MQTT, from the broker named in LIANFANG_BROKER."""
    import os

    if not os.environ.get("LIANFANG_BROKER"):
        # The supervisor keeps this part alive; without a broker it has nothing to do and waits to be stopped.
        click.echo("LIANFANG_BROKER is not set: no device speaks over MQTT here.")
        signal.signal(signal.SIGTERM, lambda *_words: os._exit(0))
        signal.pause()
        return
    open_house(database=False)
    from django.conf import settings

    from lianfang.doors.api import broker

    try:
        where = broker.address(settings.BROKER)
    except broker.BrokerFault as fault:
        raise click.ClickException(str(fault)) from None
    asyncio.run(_until_told(where))


async def _until_told(where: object) -> None:
    from lianfang.doors.api import broker

    assert isinstance(where, broker.Broker)
    listening = asyncio.ensure_future(
        broker.listen(where, connected=lambda: click.echo(f"Listening at {where.host}:{where.port}."))
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, listening.cancel)
    try:
        await listening
    except asyncio.CancelledError:
        click.echo("Stopped.")
