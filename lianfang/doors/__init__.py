"""The doors: each parses, calls one action or one queryset, renders."""
