"""A scenario's raw records, made from data alone, and the many devices that send them through the public API."""
