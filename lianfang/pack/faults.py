"""A fault of a pack: where it is, what is wrong, what would be right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault, at a line of a file of the pack."""

    file: str
    line: int
    message: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} Right would be: {self.expected}"


class BrokenPack(Exception):
    """The pack cannot be read; every fault found is in it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(each) for each in faults[:20]))
