"""`lianfang certificate`: a new certificate for the server, signed by the installation's own authority."""

from collections.abc import Sequence

import click

from lianfang import clock
from lianfang.commands import open_house
from lianfang.server import certificates, installation


@click.command()
@click.option("--host", "hosts", multiple=True, help="Name or address of this server; repeat. Default: LIANFANG_HOSTS.")
def command(hosts: Sequence[str]) -> None:
    """Renew the server's certificate; the phones keep the authority they have."""
    open_house(database=False)
    from django.conf import settings

    try:
        made = installation.renew(settings.KEYS, tuple(hosts) or tuple(settings.HOSTS), clock.now())
    except FileNotFoundError as fault:
        raise click.ClickException(f"There is no authority: {fault.filename} is missing.") from fault
    click.echo(f"{settings.KEYS / 'server.crt'} is valid until {certificates.ends(made.certificate):%Y-%m-%d}.")
    click.echo("Restart the house so that it is used:  systemctl restart lianfang")
