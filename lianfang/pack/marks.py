"""YAML with the line of every value, so that a fault can say where it is."""

import re
from typing import Any, TypeAlias

import yaml

from lianfang.pack.faults import Fault

Path: TypeAlias = tuple[str | int, ...]
Lines: TypeAlias = dict[Path, int]


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: `on`, `yes` and `no` are words, 17:00 is a text, a date stays a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.split(":")[-1] in ("null", "float", "merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))


def read(text: str, file: str, faults: list[Fault]) -> tuple[Any, Lines]:
    """Return the data of a YAML text and the line of every path in it.

    Args:
        text: the file's content.
        file: its name, for the faults.
        faults: where a syntax fault or a key written twice is added; the data is then None or the later value.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines: Lines = {}
        if node is not None:
            _mark(node, (), lines, file, faults)
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = mark.line + 1 if mark else 1
        faults.append(Fault(file, line, f"This is not YAML: {wrong.problem or wrong}.", "well-formed YAML"))
        return None, {}
    except yaml.YAMLError as wrong:
        faults.append(Fault(file, 1, f"This is not YAML: {wrong}.", "well-formed YAML"))
        return None, {}
    finally:
        loader.dispose()
    return data, lines


def _mark(node: yaml.Node, path: Path, lines: Lines, file: str, faults: list[Fault]) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                faults.append(Fault(file, line, f"The key {key.value!r} is written twice.", "each key once"))
            seen.add(key.value)
            lines[(*path, key.value)] = line
            _mark(value, (*path, key.value), lines, file, faults)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _mark(value, (*path, number), lines, file, faults)


def line_of(lines: Lines, path: Path) -> int:
    """Return the line of a path, or of the nearest part above it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
