"""Media in and out: probing and decoding photos, encoding and muxing MP4."""

from engine.media.encoders import encoder_problem as encoder_problem
from engine.media.encoders import gop_frames as gop_frames
from engine.media.encoders import usable_encoders as usable_encoders
from engine.media.gop_encoder import GopEncoder as GopEncoder
from engine.media.limits import PhotoLimits as PhotoLimits
from engine.media.load import load_photo as load_photo
from engine.media.mp4_muxer import Mp4Muxer as Mp4Muxer
from engine.media.mp4_options import EncoderChoice as EncoderChoice
from engine.media.mp4_options import Mp4Options as Mp4Options
from engine.media.mp4_writer import Mp4Writer as Mp4Writer
from engine.media.packets import EncodedGop as EncodedGop
from engine.media.packets import EncodedPacket as EncodedPacket
from engine.media.packets import read_gop as read_gop
from engine.media.packets import write_gop as write_gop
from engine.media.photo import Photo as Photo
from engine.media.photo import PhotoInfo as PhotoInfo
from engine.media.presets import PRESETS as PRESETS
from engine.media.presets import Preset as Preset
from engine.media.presets import preset_named as preset_named
from engine.media.probe import probe_photo as probe_photo
from engine.media.subtitle_track import SubtitleTrack as SubtitleTrack
