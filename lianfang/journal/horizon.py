"""Up to which number the journal is closed: everything below is visible, or will never be.

Numbers are handed out before transactions end, so the newest number one can see is no safe place to read on from: a
slower transaction may still fill a gap behind it. See `journal_horizon` in the migration for why this is right.
"""

from dataclasses import dataclass

from django.db import connection

# The first two values go back in with the next call.
ADVANCE = "select noted, xact::text, safe from journal_horizon(%s::bigint, %s::xid8)"


@dataclass(slots=True)
class Horizon:
    """The closed part of the journal, as one reader comes to know it.

    Attributes:
        safe: every entry with a number up to this is visible to whoever asks from now on.
    """

    safe: int = 0
    noted: int | None = None
    xact: str | None = None

    def advance(self) -> int:
        """Ask the database once, without waiting, and return the horizon; best outside a transaction."""
        with connection.cursor() as cursor:
            cursor.execute(ADVANCE, [self.noted, self.xact])
            found = cursor.fetchone()
        assert found is not None
        self.noted, self.xact, safe = found
        self.safe = max(self.safe, safe or 0)
        return self.safe
