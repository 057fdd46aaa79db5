"""What people do with the bulletin, one verb each: hand in, edit, review, sign, send out, read.

Every act is written down with who did it, and as an entry in the journal. Draft, review and signature are of three
different people.
"""

from lianfang.bulletins.actions.drafting import arrange, begin, discard, edit, release, reword, select, wording_of
from lianfang.bulletins.actions.guards import (
    EDIT,
    REVIEW,
    SIGN,
    SUBMIT,
    Changed,
    Faulty,
    ReasonMissing,
    SamePerson,
    WrongState,
    holds,
)
from lianfang.bulletins.actions.items import decline, submit, take_back
from lianfang.bulletins.actions.signing import give_back, open_issue, remind, review, send, sign, withdraw

__all__ = [
    "EDIT",
    "REVIEW",
    "SIGN",
    "SUBMIT",
    "Changed",
    "Faulty",
    "ReasonMissing",
    "SamePerson",
    "WrongState",
    "arrange",
    "begin",
    "decline",
    "discard",
    "edit",
    "give_back",
    "holds",
    "open_issue",
    "release",
    "remind",
    "review",
    "reword",
    "select",
    "send",
    "sign",
    "submit",
    "take_back",
    "withdraw",
    "wording_of",
]
