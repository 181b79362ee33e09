"""What we know of a video or an animation before its pictures are needed."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video file, or an animated GIF, WEBP or PNG.

    Attributes:
        path: the file.
        format: the container: ``"MP4"``, ``"Matroska"``, ``"GIF"``, ...
        codec: the name of the video's coding: ``"h264"``, ...
        width, height: pixels as shown: upright, square pixels. A :class:`YuvFrame` of the video is that size, rounded
            up to even numbers.
        duration: seconds from the first picture's time to the end of the last one's.
        frame_rate: frames per second; the mean where it varies.
        variable: the pictures do not come at a constant rate.
        frames: how many pictures.
        has_audio: there is a sound track.
        audio_duration: seconds, as the header says; None without sound or where the header does not say.
        has_alpha: pictures may be transparent.
        animated: it is a GIF, WEBP or PNG.
        interlaced: the first picture is made of two fields; they are deinterlaced.
        color: how colours are coded, in words: ``"BT.709"``, ``"BT.2020 PQ (HDR)"``, ...
        notes: sentences for the user about what is not obvious.
    """

    path: Path
    format: str
    codec: str
    width: int
    height: int
    duration: Fraction
    frame_rate: Fraction
    variable: bool
    frames: int
    has_audio: bool = False
    audio_duration: Fraction | None = None
    has_alpha: bool = False
    animated: bool = False
    interlaced: bool = False
    color: str = ""
    notes: tuple[str, ...] = ()
