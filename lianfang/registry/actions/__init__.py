"""The registry's verbs. Each takes who does it (`by`; nobody only for the installation itself) and when (`at`)."""

from lianfang.registry.actions.accounts import (
    begin_second_factor,
    end_grant,
    end_second_factor,
    grant,
    make_user,
    renew_recovery_codes,
    set_active,
    set_password,
)
from lianfang.registry.actions.device import enrol_device, revoke_device
from lianfang.registry.actions.faults import NotAllowed, PurposeMissing, SeparationBroken, Unusable
from lianfang.registry.actions.names import destroy_key, view_names
from lianfang.registry.actions.notes import note
from lianfang.registry.actions.structure import load, load_demonstration

__all__ = [
    "NotAllowed",
    "PurposeMissing",
    "SeparationBroken",
    "Unusable",
    "begin_second_factor",
    "destroy_key",
    "end_grant",
    "end_second_factor",
    "enrol_device",
    "grant",
    "load",
    "load_demonstration",
    "make_user",
    "note",
    "renew_recovery_codes",
    "revoke_device",
    "set_active",
    "set_password",
    "view_names",
]
