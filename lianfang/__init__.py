"""Lianfang (联防): the command system of one district for joint prevention and control."""

__version__ = "0.1.0"
