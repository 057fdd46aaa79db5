"""The same application, except that the journal stores nothing: what is left is what HTTP and Python cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lianfang.server.wsgi import application

from lianfang.journal import actions  # isort: skip - Django must be ready
from lianfang.journal.drafts import Draft, Verdict  # isort: skip
from lianfang.doors.api import notices  # isort: skip


def _unstored(*, drafts: Sequence[Draft], at: datetime, pack: Any = None) -> list[Verdict]:
    return [Verdict(each.id, "stored") for each in drafts]


def _unasked(drafts: Sequence[Draft], pack: Any) -> dict[Any, Any]:
    return {}


actions.write = _unstored
notices.before = _unasked

__all__ = ["application"]
