"""The effects of a segment: looks that change its colours, overlays that fall over it."""

from engine.raster.effects.chain import EffectChain

__all__ = ["EffectChain"]
