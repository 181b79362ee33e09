"""Transitions: two pictures and a progress make one picture."""

from engine.raster.transitions.mix import mix

__all__ = ["mix"]
