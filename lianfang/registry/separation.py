"""The three administrators stay apart, and none of them sees a name.

The system administrator keeps the machine and the accounts, the security administrator says who may do what, the audit
administrator reads the logs. Nobody holds two of the three, and none of them takes part in the district's work.

Source: GB/T 22239-2019, separation of administrators.
"""

from collections.abc import Iterable, Mapping

ADMINISTRATION: Mapping[str, frozenset[str]] = {
    "system": frozenset({"users.manage", "devices.manage", "running.view"}),
    "security": frozenset({"grants.manage", "keys.manage"}),
    "audit": frozenset({"log.view", "seals.view"}),
}
# Powers that only administrators may hold; a post may enrol its own phones, and anybody may look at the seals.
RESERVED = frozenset({"users.manage", "grants.manage", "keys.manage", "log.view"})


def role_faults(administrator: str, powers: Iterable[str]) -> list[str]:
    """Return the powers that a role may not hold: an administrator's outside its own, anybody's that are reserved."""
    held = set(powers)
    if administrator:
        return sorted(held - ADMINISTRATION.get(administrator, frozenset()))
    return sorted(held & RESERVED)


def may_join(held: Iterable[str], new: str) -> bool:
    """Say whether somebody with roles of these kinds may get one more.

    Args:
        held: the administrator kind of each role held now (empty for an ordinary role).
        new: the kind of the new one.
    """
    return all(kind == new for kind in held)
