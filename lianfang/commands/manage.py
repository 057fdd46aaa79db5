"""`lianfang manage`: Django's own commands (migrate, makemigrations, compilemessages …)."""

import click

from lianfang.commands import open_house


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Run one of Django's own commands."""
    open_house(database=not words or words[0] not in ("makemigrations", "compilemessages"))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["lianfang manage", *words])
