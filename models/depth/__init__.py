"""How far away the things in a photo are."""

from models.depth.depth_anything import DepthAnything as DepthAnything
from models.depth.interface import DepthModel as DepthModel
