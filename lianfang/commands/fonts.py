"""`lianfang fonts`: bring the free faces a bulletin is set in onto this machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import click

from lianfang.commands import open_house

PACKAGES = {
    "texlive-lang-chinese": ("usr/share/texlive/texmf-dist/fonts/opentype/public/fandol", "Fandol"),
    "fonts-noto-cjk": ("usr/share/fonts/opentype/noto", "Noto"),
}
"""Debian package → where it keeps the faces, and how their files' names begin."""


@click.group()
def command() -> None:
    """Bring the free faces a bulletin is set in onto this machine."""


@command.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where to put them, instead of LIANFANG_FONTS.")
def install(folder: Path | None) -> None:
    """Put the six font files into the fonts' folder; does nothing when they are there.

    Taken from this machine where a package has already put them, else out of the Debian packages, which are fetched
    and unpacked without being installed (no right of root is needed).
    """
    from lianfang.bulletins import fonts

    folder = folder or _folder()
    if not fonts.missing(folder):
        click.echo(f"The fonts are in {folder}.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for package, (place, start) in PACKAGES.items():
        wanted = [each for each in fonts.missing(folder) if each.startswith(start)]
        _take(Path("/") / place, wanted, folder)
        wanted = [each for each in fonts.missing(folder) if each.startswith(start)]
        if wanted:
            _unpack(package, place, wanted, folder)
    lacking = fonts.missing(folder)
    if lacking:
        raise click.ClickException(
            f"These fonts are still missing: {', '.join(lacking)}. Copy them into {folder}; they are in the Debian "
            f"packages {' and '.join(PACKAGES)}, and on CTAN (fandol) and the Noto project's pages."
        )
    click.echo(f"The fonts are in {folder}.")


@command.command()
def check() -> None:
    """Say which files are there; fails when one is missing."""
    from lianfang.bulletins import fonts

    lacking = fonts.missing(_folder())
    for each in fonts.FILES:
        click.echo(f"{'missing' if each in lacking else 'there  '} {each}")
    if lacking:
        raise click.ClickException("Run `lianfang fonts install`.")


def _folder() -> Path:
    open_house(database=False)
    from django.conf import settings

    return Path(settings.FONTS)


def _take(place: Path, wanted: list[str], folder: Path) -> None:
    for name in wanted:
        if (place / name).exists():
            _put(place / name, folder)


def _put(file: Path, folder: Path) -> None:
    """Copy a file so that a broken copy never stands under its name."""
    spare = folder / f".{file.name}.{os.getpid()}"
    shutil.copyfile(file, spare)
    spare.replace(folder / file.name)


def _unpack(package: str, place: str, wanted: list[str], folder: Path) -> None:
    """Fetch a Debian package and take the wanted files out of it, installing nothing."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    with tempfile.TemporaryDirectory(prefix="lianfang-fonts-") as name:
        room = Path(name)
        # apt's own helper account must be able to write here.
        room.chmod(0o777)
        click.echo(f"Fetching {package} for {len(wanted)} fonts …")
        fetched = _fetch(package, room)
        found = sorted(room.glob("*.deb"))
        if fetched.returncode != 0 or not found:
            raise click.ClickException(
                f"{package} could not be fetched: {fetched.stderr.strip()[-300:]} "
                "(without the network, or before `apt-get update`?)"
            )
        subprocess.run(["dpkg-deb", "-x", str(found[0]), str(room / "out")], check=True)  # noqa: S603, S607
        _take(room / "out" / place, wanted, folder)


def _fetch(package: str, room: Path) -> subprocess.CompletedProcess[str]:
    """Download a package; a new machine has no lists of packages yet, and only root may fetch them."""
    order = ["apt-get", "download", package]
    done = subprocess.run(order, cwd=room, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0 and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)  # noqa: S607
        done = subprocess.run(order, cwd=room, capture_output=True, text=True, check=False)  # noqa: S603
    return done
