"""Proving a pack whole: what one file says against what the others say."""

from pathlib import Path

from lianfang.pack.checks import measures, rules, structure, surveys
from lianfang.pack.faults import Fault
from lianfang.pack.reading import gather


def check(path: str | Path) -> list[Fault]:
    """Return every fault of a pack at once, by file and line; none when it is whole.

    Args:
        path: the pack's folder.
    """
    folder = Path(path)
    if not folder.is_dir():
        return [Fault(str(path), 1, "There is no such folder.", "the folder of a pack, with its pack.yaml")]
    gathered = gather(folder)
    if gathered.parts["head"] is not None and gathered.parts["units"] is not None:
        for each in (structure, rules, measures, surveys):
            each.check(gathered)
    return sorted(set(gathered.faults))
