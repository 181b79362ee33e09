"""Video files and animations as pictures by time."""

from engine.media.video.info import VideoInfo as VideoInfo
from engine.media.video.limits import VideoLimits as VideoLimits
from engine.media.video.picture import VideoPicture as VideoPicture
from engine.media.video.probe import probe_video as probe_video
from engine.media.video.reader import VideoReader as VideoReader
