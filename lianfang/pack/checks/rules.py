"""Protocols, reactions and daily dues."""

from collections import Counter
from collections.abc import Mapping
from datetime import time
from itertools import pairwise

from lianfang.pack.checks.paths import Conditions, one_of
from lianfang.pack.conditions import Where
from lianfang.pack.protocols import Protocol, Rule
from lianfang.pack.reactions import DailyDue, Reaction
from lianfang.pack.reading import Gathered

LIMITS = ("second_measurement_minutes", "handover_minutes", "repeat_attempt_hours", "waiting_minutes", "offline_hours")


def check(gathered: Gathered) -> None:
    """Check that decisions, reactions and dues speak about what is there."""
    editions = gathered.parts["protocols"].editions
    for before, after in pairwise(editions):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            told = f"The edition {before.edition} still holds when {after.edition} begins."
            gathered.fault_at("protocol", before.edition, told, f"valid_to before {after.valid_from}", "valid_to")
    for edition in editions:
        _edition(gathered, edition)
    _reactions(gathered)
    _dues(gathered)


def _edition(gathered: Gathered, edition: Protocol) -> None:
    for name in set(edition.fever_c) ^ set(edition.device_classes):
        told = f"{name!r} stands in only one of fever_c and device_classes."
        gathered.fault_at("protocol", edition.edition, told, "each device class in both", "fever_c")
    if edition.valid_to is not None and edition.valid_to < edition.valid_from:
        told = f"The edition ends on {edition.valid_to}, before it begins."
        gathered.fault_at("protocol", edition.edition, told, f"a day from {edition.valid_from} on", "valid_to")
    for number, rule in enumerate(edition.rules):
        _rule(gathered, edition, number, rule)


def _rule(gathered: Gathered, edition: Protocol, number: int, rule: Rule) -> None:
    forms = gathered.parts["forms"]
    conditions = Conditions(gathered, "protocol", edition.edition, "rules", number)
    conditions.where(rule.when, rule.kinds, key="when", prefix=False, thresholds=True)
    for kind in rule.kinds:
        form = forms.get(kind)
        if form is None and gathered.declared("form", kind):
            continue
        if form is None:
            conditions.fault(f"There is no form {kind!r}.", one_of(forms, kind), "kinds")
            continue
        decisions = form.choices("decision")
        if not rule.interim and rule.decision not in decisions:
            told = f"The form {kind!r} cannot record the decision {rule.decision!r}."
            expected = one_of(decisions, rule.decision) if decisions else "a question `decision`, or interim: true"
            conditions.fault(told, expected, "decision")
        reasons = form.choices("reason")
        if rule.reason_code and rule.reason_code not in reasons:
            conditions.fault(
                f"{kind!r} has no reason {rule.reason_code!r}.", one_of(reasons, rule.reason_code), "reason_code"
            )


def _reactions(gathered: Gathered) -> None:
    reactions: tuple[Reaction, ...] = gathered.parts["reactions"]
    opened = {each.kind for each in reactions if each.do == "open_due"} | {each.kind for each in gathered.parts["dues"]}
    for name, count in Counter(each.name for each in reactions).items():
        if count > 1:
            gathered.fault_at("reaction", name, f"The reaction {name!r} stands twice.", "a name of its own")
    for each in reactions:
        _reaction(gathered, each, opened)


def _reaction(gathered: Gathered, reaction: Reaction, opened: set[str]) -> None:
    forms = gathered.parts["forms"]
    conditions = Conditions(gathered, "reaction", reaction.name)
    for word, kind in (("on", reaction.on), ("kind", reaction.kind)):
        if kind not in forms and not gathered.declared("form", kind):
            conditions.fault(f"There is no form {kind!r}.", one_of(forms, kind), word)
    if reaction.do == "meet_due" and reaction.kind not in opened:
        conditions.fault(f"Nothing ever expects {reaction.kind!r}.", one_of(opened, reaction.kind), "kind")
    if isinstance(reaction.within, str) and reaction.within not in LIMITS:
        told = f"The protocol has no limit {reaction.within!r}."
        conditions.fault(told, one_of(LIMITS, reaction.within) + ", or a number of minutes", "within")
    if reaction.on in forms:
        _answered(gathered, conditions, reaction)


def _answered(gathered: Gathered, conditions: Conditions, reaction: Reaction) -> None:
    form = gathered.parts["forms"][reaction.on]
    where: Where = reaction.where
    conditions.where(where, [reaction.on], key="where", prefix=True, thresholds=True)
    conditions.answer(reaction.about, form, True, "about")
    known: Mapping[str, set[str]] = {
        "place": {each.code for each in gathered.parts["places"]},
        "unit": {each.code for each in gathered.parts["units"].all},
    }
    for word in ("place", "unit"):
        told = getattr(reaction, word)
        if told.startswith("answers."):
            conditions.answer(told, form, True, word)
        elif told and told not in known[word]:
            conditions.fault(f"There is no {word} {told!r}.", one_of(known[word], told), word)


def _dues(gathered: Gathered) -> None:
    dues: tuple[DailyDue, ...] = gathered.parts["dues"]
    head, forms = gathered.parts["head"], gathered.parts["forms"]
    times = [name for name, field in Protocol.model_fields.items() if field.annotation is time]
    for due in dues:
        kinds = head.unit_kinds if due.about == "unit" else head.place_kinds
        if due.kind not in forms and not gathered.declared("form", due.kind):
            gathered.fault_at("due", due.name, f"There is no form {due.kind!r}.", one_of(forms, due.kind), "kind")
        for kind in due.of_kinds:
            if kind not in kinds:
                told = f"There is no kind of {due.about} {kind!r}."
                gathered.fault_at("due", due.name, told, one_of(kinds, kind), "of_kinds")
        if due.by not in times:
            gathered.fault_at("due", due.name, f"The protocol has no time {due.by!r}.", one_of(times, due.by), "by")
