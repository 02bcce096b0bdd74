"""Limits evaluated again: every account after so many months, with what follows from it."""

from __future__ import annotations
