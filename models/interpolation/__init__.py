"""Models that make the pictures between two: one interface, one adapter file a family."""

from models.interpolation.choose import interpolator_memory as interpolator_memory
from models.interpolation.choose import open_interpolator as open_interpolator
from models.interpolation.flow import FlowInterpolator as FlowInterpolator
from models.interpolation.interface import Interpolator as Interpolator
from models.interpolation.luma_gate import gated as gated
from models.interpolation.rife import Rife as Rife
