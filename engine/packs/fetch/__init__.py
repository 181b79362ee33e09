"""Fetching packs. Only ``multiplane packs pull`` imports this package; nothing else of the engine knows a network."""

from engine.packs.fetch.errors import Unreachable as Unreachable
from engine.packs.fetch.pull import pull as pull
