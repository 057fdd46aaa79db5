"""The append-only journal: entries, corrections, seals, and what waits for a reaction."""
