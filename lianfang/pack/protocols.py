"""Protocols: dated editions of thresholds, minutes and decision rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pydantic import Field

from lianfang.pack.conditions import Where, holds
from lianfang.pack.text import Part, Text


class Rule(Part):
    """One decision rule: the first whose conditions hold decides."""

    name: str
    kinds: tuple[str, ...]
    when: Where = Field(default_factory=dict)
    decision: str
    interim: bool = False
    reason: Text
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the protocol proposes: never more than a proposal, a person decides."""

    decision: str
    rule: str
    reasons: tuple[Text, ...]
    interim: bool = False
    reason_code: str = ""
    edition: str = ""


class Protocol(Part):
    """One edition of the rules, with the days it is in force."""

    edition: str
    title: Text
    valid_from: date
    valid_to: date | None = None
    fever_c: dict[str, float]
    device_classes: dict[str, Text]
    second_measurement_minutes: int
    handover_minutes: int
    repeat_attempt_hours: int
    offline_hours: int = 72
    future_minutes: int = 10
    reconcile_bound: float
    waiting_minutes: int
    vehicles_per_team_hour: int
    team_size: int
    report_time: time
    rules: tuple[Rule, ...]
    source: str

    def decide(self, kind: str, answers: Mapping[str, Any]) -> Proposal | None:
        """Propose a decision for an entry of a kind; None where no rule speaks about that kind.

        Args:
            kind: the form.
            answers: what has been answered so far; personal answers are not looked at by any rule.
        """
        for rule in self.rules:
            if kind in rule.kinds and holds(rule.when, answers, self.fever_c):
                return Proposal(rule.decision, rule.name, (rule.reason,), rule.interim, rule.reason_code, self.edition)
        return None

    def minutes(self, name: str) -> int:
        """Return one of the protocol's limits in minutes, by its name in the pack."""
        value = getattr(self, name)
        if name.endswith("_hours"):
            return int(value) * 60
        return int(value)

    def as_json(self) -> dict[str, Any]:
        """Return the edition for a phone: plain JSON, the rules in order."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Protocols(Part):
    """Every edition of a pack, in the order of their dates."""

    editions: tuple[Protocol, ...]

    def on(self, day: date) -> Protocol:
        """Return the edition in force on a day.

        Raises:
            LookupError: no edition covers the day.
        """
        for each in self.editions:
            if each.valid_from <= day and (each.valid_to is None or day <= each.valid_to):
                return each
        raise LookupError(f"no protocol is in force on {day}")
