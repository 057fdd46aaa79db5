"""The same application with one thing left out: the journal stores nothing. What is left is what HTTP and Python cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lianfang.server.wsgi import application

from lianfang.journal import actions  # isort: skip - Django must be ready
from lianfang.journal.drafts import Draft, Verdict  # isort: skip
from lianfang.doors.api import notices  # isort: skip


def _unstored(*, drafts: Sequence[Draft], at: datetime, pack: Any = None) -> list[Verdict]:
    return [Verdict(each.id, "stored") for each in drafts]


def _unasked(*_words: Any) -> dict[Any, Any]:
    return {}


actions.write = _unstored
notices.turned_back = _unasked

__all__ = ["application"]
