"""The deterministic media kernel: no neural nets, no HTTP, no database."""

from engine.version import VERSION

__version__ = VERSION
