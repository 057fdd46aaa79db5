"""The phone app of a post: one page that works for days without a line, and the little it asks the house."""
