"""A photo as a scene with depth, under a camera that travels."""

from pipelines.parallax.source import ParallaxSource as ParallaxSource
from pipelines.parallax.source import open_parallax as open_parallax
