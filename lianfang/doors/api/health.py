"""Whether the house can take entries just now."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection


def told(at: datetime) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and what is well: 200 when entries can be stored, else 503.

    Args:
        at: the door's clock.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_is_in_recovery()")
            (standby,) = cursor.fetchone() or (True,)
    except DatabaseError:
        connection.close()
        return 503, {"ready": False, "database": "down", "server_time": at}
    return (503 if standby else 200), {
        "ready": not standby,
        "database": "read-only" if standby else "up",
        "server_time": at,
    }
