"""The registry's tables: the structure, the people, the access to both."""

from lianfang.registry.models.access import AccessLog, Act, Device, Grant, Role, User
from lianfang.registry.models.people import BlindIndex, Subject, VaultKey, VaultRecord
from lianfang.registry.models.structure import Area, Household, Place, Unit

__all__ = [
    "AccessLog",
    "Act",
    "Area",
    "BlindIndex",
    "Device",
    "Grant",
    "Household",
    "Place",
    "Role",
    "Subject",
    "Unit",
    "User",
    "VaultKey",
    "VaultRecord",
]
