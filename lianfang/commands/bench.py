"""`lianfang bench NAME`: each claim about speed is one command that prints its figures."""

import pkgutil
from importlib import import_module

import click

from lianfang.commands import benches


class Benches(click.Group):
    """A group whose commands are those files of `benches` that hold one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the benchmarks."""
        found = (each.name for each in pkgutil.iter_modules(benches.__path__))
        return sorted(name.replace("_", "-") for name in found if not name.startswith("part_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of one benchmark."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{benches.__name__}.{cmd_name.replace('-', '_')}")
        found = module.command
        assert isinstance(found, click.Command)
        return found


@click.command(cls=Benches)
def command() -> None:
    """Measure what is claimed about speed, on this machine, now."""
