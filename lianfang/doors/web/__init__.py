"""The web: the pages of the office, the towns and the units, and the command screen."""
