"""Files that are not ours to ship: music, fonts, model weights. What is known, what is installed, where it lies.

Importing this package is light, and nothing that it exports reaches for a network: only :mod:`engine.packs.fetch` does.
"""

from engine.packs.adopt import import_pack as import_pack
from engine.packs.folders import SCHEME as SCHEME
from engine.packs.folders import data_folder as data_folder
from engine.packs.folders import font_folders as font_folders
from engine.packs.folders import installed as installed
from engine.packs.folders import installed_packs as installed_packs
from engine.packs.folders import music_folders as music_folders
from engine.packs.folders import pack_reference as pack_reference
from engine.packs.folders import pack_source as pack_source
from engine.packs.folders import packs_folder as packs_folder
from engine.packs.install import PackProgress as PackProgress
from engine.packs.install import remove as remove
from engine.packs.licences import licence_problem as licence_problem
from engine.packs.manifest import Manifest as Manifest
from engine.packs.model import Pack as Pack
from engine.packs.model import PackKind as PackKind
from engine.packs.registry import find_pack as find_pack
from engine.packs.registry import registry as registry
from engine.packs.verify import FileProblem as FileProblem
from engine.packs.verify import to_verify as to_verify
from engine.packs.verify import verify as verify
