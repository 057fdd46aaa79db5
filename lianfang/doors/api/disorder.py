"""The house itself is in disorder: the database is down, the disk full, a key missing. Nobody loses an entry by it."""

import errno
import logging

from django.db import DatabaseError, InterfaceError, connection

from lianfang.doors.api import refusals
from lianfang.doors.api.refusals import Refusal
from lianfang.registry.keys import KeyFault

logger = logging.getLogger(__name__)
# SQLSTATE of PostgreSQL (its manual, appendix A): what passes by itself, so that sending again helps.
PASSING = ("08", "57P", "53", "58", "40", "55P03", "25006")
DISK_FULL = "53100"
# What any of these may be raised as.
FAULTS: tuple[type[Exception], ...] = (DatabaseError, InterfaceError, KeyFault, OSError)


def refusal(fault: Exception) -> Refusal:
    """Return what the sender is told: 503 or 507, to send again later.

    Args:
        fault: what was raised.

    Raises:
        Exception: the same again where sending again would not help: a fault of our own.
    """
    if isinstance(fault, KeyFault):
        logger.error("Entries cannot be sealed: %s", fault)
        return refusals.keys_missing()
    if isinstance(fault, OSError):
        if fault.errno != errno.ENOSPC:
            raise fault
        logger.error("The disk is full: %s", fault)
        return refusals.disk_full()
    state = getattr(fault.__cause__, "sqlstate", None)
    logger.error("The database refused (%s): %s", state, fault)
    if state == DISK_FULL:
        return refusals.disk_full()
    # No state at all: the connection itself broke, or could not be made.
    if state is None or str(state).startswith(PASSING):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return refusals.database_down()
    raise fault
