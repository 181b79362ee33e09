"""Where the subject of a photo is."""

from models.matte.interface import FOUND as FOUND
from models.matte.interface import Matte as Matte
from models.matte.interface import MatteModel as MatteModel
from models.matte.u2netp import U2NetP as U2NetP
