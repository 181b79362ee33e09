"""Easing, camera moves and camera paths."""
