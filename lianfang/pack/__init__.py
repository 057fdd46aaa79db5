"""A district as data: reading and checking a pack. Plain Python, no Django."""

from lianfang.pack.answers import AnswerFault, Checked
from lianfang.pack.areas import Area, Place
from lianfang.pack.bulletins import Bulletin
from lianfang.pack.checks import check
from lianfang.pack.faults import BrokenPack, Fault
from lianfang.pack.figures import Figure, LedgerLine, Measure
from lianfang.pack.forms import Field, Form
from lianfang.pack.pack import Pack
from lianfang.pack.protocols import Proposal, Protocol
from lianfang.pack.reactions import DailyDue, Reaction
from lianfang.pack.reading import read
from lianfang.pack.roles import POWERS, DemoDevice, DemoGrant, Demonstration, DemoUser, Role
from lianfang.pack.text import Text
from lianfang.pack.units import Edition, Unit, Units

__all__ = [
    "POWERS",
    "AnswerFault",
    "Area",
    "BrokenPack",
    "Bulletin",
    "Checked",
    "DailyDue",
    "DemoDevice",
    "DemoGrant",
    "DemoUser",
    "Demonstration",
    "Edition",
    "Fault",
    "Field",
    "Figure",
    "Form",
    "LedgerLine",
    "Measure",
    "Pack",
    "Place",
    "Proposal",
    "Protocol",
    "Reaction",
    "Role",
    "Text",
    "Unit",
    "Units",
    "check",
    "read",
]
