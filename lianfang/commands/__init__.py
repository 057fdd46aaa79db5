"""The command line `lianfang`: one file a command, each found by its file name.

A file `lianfang/commands/NAME.py` holds a click command (or group) called `command`. Files are imported only when
their command is asked for, so `lianfang --help` stays quick.
"""

import os
import pkgutil
from importlib import import_module

import click


class Commands(click.Group):
    """A group whose commands are the files of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the files, with dashes."""
        return sorted(each.name.replace("_", "-") for each in pkgutil.iter_modules(__path__) if not each.ispkg)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        found = module.command
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lianfang (联防): the command system of one district."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianfang.server.settings")


def open_house(*, database: bool = True) -> None:
    """Make Django ready, with the embedded database running, for a command that needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianfang.server.settings")
    from django.conf import settings

    if database and not os.environ.get("DATABASE_URL"):
        from lianfang.database import embedded

        server = embedded(settings.HOME)
        server.start()
        from lianfang.database import django as django_settings

        settings.DATABASES["default"].update(django_settings(server.url()))
    import django

    django.setup()
