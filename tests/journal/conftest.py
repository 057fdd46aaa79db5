"""The fixtures of the small district."""

from small_district import district, pack

__all__ = ["district", "pack"]
