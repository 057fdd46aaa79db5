"""Why a verb refuses."""


class NotAllowed(Exception):
    """The power for this is not held, or not here."""


class SeparationBroken(Exception):
    """The three administrators must stay three people who see no names."""


class PurposeMissing(Exception):
    """Names are shown for a purpose, and for one that was granted."""


class Unusable(ValueError):
    """What was given cannot be used; the message says why."""
