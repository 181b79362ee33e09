"""Painting what nobody saw: the background behind a subject."""

from models.inpaint.interface import InpaintModel as InpaintModel
from models.inpaint.lama import Lama as Lama
