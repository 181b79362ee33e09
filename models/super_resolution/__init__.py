"""Models that enlarge pictures: one interface, one adapter file a family."""

from models.super_resolution.choose import open_upscaler as open_upscaler
from models.super_resolution.choose import upscaler_memory as upscaler_memory
from models.super_resolution.interface import Upscaler as Upscaler
from models.super_resolution.lanczos import Lanczos as Lanczos
from models.super_resolution.span import Span as Span
from models.super_resolution.spandrel_model import SpandrelUpscaler as SpandrelUpscaler
