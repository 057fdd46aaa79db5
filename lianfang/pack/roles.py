"""Roles, and the people and devices of a demonstration."""

from typing import Literal

from lianfang.pack.text import Part, Text

# What the code asks about. A role of a pack holds some of them; a pack cannot invent one.
POWERS = (
    "overview.view",
    "checkpoints.view",
    "entries.write",
    "entries.view",
    "entries.correct",
    "fevers.receive",
    "names.view",
    "figures.view",
    "figures.freeze",
    "dues.view",
    "dues.waive",
    "reports.submit",
    "reports.view",
    "bulletins.submit",
    "bulletins.edit",
    "bulletins.review",
    "bulletins.sign",
    "bulletins.read",
    "command.view",
    "users.manage",
    "devices.manage",
    "grants.manage",
    "keys.manage",
    "running.view",
    "log.view",
    "seals.view",
)
Administrator = Literal["system", "security", "audit"]


class Role(Part):
    """A set of powers; one of the three administrators is marked so and sees no names.

    `rows` says whose rows inside the grant's area it reaches: everybody's, or only those of the grant's unit.
    """

    label: Text
    powers: tuple[str, ...]
    rows: Literal["area", "unit"] = "area"
    administrator: Administrator | None = None
    source: str


class DemoGrant(Part):
    """One grant: this role, for this unit, inside this area, for this purpose."""

    role: str
    unit: str
    area: str
    purpose: str


class DemoUser(Part):
    """A person of the demonstration, named by a role title."""

    username: str
    name: Text
    grants: tuple[DemoGrant, ...]


class DemoDevice(Part):
    """A device of the demonstration: what sends for a post or a unit."""

    code: str
    kind: Literal["replay", "gate", "counter", "phone"]
    name: Text
    unit: str
    area: str
    place: str = ""


class Demonstration(Part):
    """Who signs in and what sends in a demonstration."""

    purposes: dict[str, Text]
    users: tuple[DemoUser, ...]
    devices: tuple[DemoDevice, ...]
    source: str
