"""Which H.264 encoders this machine has, and how each is set up.

NVENC is compiled into PyAV and so is listed on every machine; it fails only when it is opened. So we open it.
"""

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Literal

from engine.core.errors import DeviceUnavailable
from engine.media.h264_levels import Level, lowest_level
from engine.media.mp4_options import Mp4Options
from engine.media.presets import Preset
from engine.media.rate_bound import RateBound, group_bound, whole_bound
from engine.media.x264_instructions import x264_parameters

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

Encoder = Literal["x264", "nvenc"]

CODEC_NAMES: dict[Encoder, str] = {"x264": "libx264", "nvenc": "h264_nvenc"}
"""What libavcodec calls our encoders."""

MAX_GOP_SECONDS = 2
"""A key frame at least this often: seeking stays quick, and services cut their segments there."""

REORDER_FRAMES = 4
"""Decoded frames that x264's B-frame pyramid needs buffered, whatever the references."""

_PROBE_SIZE = (256, 256)  # above the smallest frame that NVENC takes (about 145x49)

# ITU-T H.273: code point 1 is BT.709 for primaries, transfer and matrix. AVColorRange 1 is limited ("MPEG") range.
_BT709 = 1
_LIMITED_RANGE = 1


@cache
def encoder_problem(encoder: Encoder, size: tuple[int, int] = _PROBE_SIZE) -> str:
    """Why an encoder cannot be used on this machine for frames of a size (width, height); empty if it can.

    Found out by opening it, once a process for each size.
    """
    import av

    try:
        context = av.CodecContext.create(CODEC_NAMES[encoder], "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(30)
        context.open()
    except (av.FFmpegError, ValueError) as error:  # ValueError: libavcodec was built without it
        return str(error)
    return ""


def usable_encoders() -> list[Encoder]:
    """The encoders that open on this machine."""
    return [encoder for encoder in CODEC_NAMES if not encoder_problem(encoder)]


def choose_encoder(options: Mp4Options) -> Encoder:
    """The encoder for an order; ``auto`` takes NVENC where it opens for this size, else x264.

    Raises:
        DeviceUnavailable: the asked encoder does not open on this machine, or not for this size.
    """
    if options.encoder != "x264":
        problem = encoder_problem("nvenc", (options.width, options.height))
        if not problem:
            return "nvenc"
        if options.encoder == "nvenc":
            raise DeviceUnavailable(
                f"NVENC does not open on this machine for {options.width}x{options.height}: use the x264 encoder, or "
                "check that an NVIDIA card with an encoder and its driver are there.",
                detail=problem,
            )
    problem = encoder_problem("x264")
    if problem:
        raise DeviceUnavailable(
            "The installed PyAV has no working x264 encoder: reinstall the av package from its official wheel.",
            detail=problem,
        )
    return "x264"


def level_for(options: Mp4Options) -> Level:
    """The H.264 level that an order's stream is made for and held to."""
    return lowest_level(options.width, options.height, options.frame_rate, REORDER_FRAMES)


def gop_frames(rate: Fraction) -> int:
    """Frames in a group of pictures at a rate in frames per second; only a video's last group may be shorter."""
    return int(MAX_GOP_SECONDS * rate)


def open_stream(container: "OutputContainer", encoder: Encoder, options: Mp4Options) -> "VideoStream":
    """Add a video stream to a container and open its encoder.

    Raises:
        av.FFmpegError: the encoder refuses the settings.
    """
    from av.video.stream import VideoStream

    settings = _settings(encoder, options, whole_bound(level_for(options)))
    stream = container.add_stream(CODEC_NAMES[encoder], rate=options.frame_rate, options=settings)
    assert isinstance(stream, VideoStream)
    stream.time_base = 1 / options.frame_rate
    _open(stream.codec_context, options, options.threads)
    return stream


def open_group(encoder: Encoder, options: Mp4Options) -> "VideoCodecContext":
    """Open an encoder for one closed group of pictures, alone, outside any container.

    One thread, whatever ``options.threads`` says, so that the packets depend on the frames and the options alone, and
    the bound of :func:`engine.media.rate_bound.group_bound`, so that groups may be put one after another.

    Raises:
        av.FFmpegError: the encoder refuses the settings.
    """
    import av
    from av.codec.context import Flags

    context = av.CodecContext.create(CODEC_NAMES[encoder], "w")
    assert isinstance(context, av.VideoCodecContext)
    context.options = _settings(encoder, options, _group_bound(options))
    context.framerate = options.frame_rate
    context.flags |= Flags.global_header  # parameter sets go to the container, not before each key frame
    _open(context, options, 1)
    return context


def _group_bound(options: Mp4Options) -> RateBound:
    return group_bound(level_for(options), gop_frames(options.frame_rate) / options.frame_rate)


def _open(context: "VideoCodecContext", options: Mp4Options, threads: int) -> None:
    from av.codec.context import ThreadType

    context.width, context.height = options.width, options.height
    context.pix_fmt = "yuv420p"
    context.sample_aspect_ratio = Fraction(1)
    context.time_base = 1 / options.frame_rate
    context.gop_size = gop_frames(options.frame_rate)
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED_RANGE
    # PyAV's default is SLICE: it cuts each picture into slices, which costs both bits and time.
    context.thread_type = ThreadType.FRAME
    context.thread_count = threads
    context.open()


def _settings(encoder: Encoder, options: Mp4Options, bound: RateBound) -> dict[str, str]:
    own = _x264_settings(options, bound) if encoder == "x264" else _nvenc_settings(options.preset)
    common = {
        "profile": "high",
        "level": level_for(options).name,
        # Constant quality, inside what the level promises to a decoder; at ordinary sizes the bound is far away.
        "maxrate": str(bound.rate),
        "bufsize": str(bound.buffer),
        "chroma_sample_location": "left",
    }
    return common | own


def _x264_settings(options: Mp4Options, bound: RateBound) -> dict[str, str]:
    references = min(options.preset.references, level_for(options).dpb_frames(options.width, options.height))
    return {
        "preset": options.preset.x264_preset,
        "crf": f"{options.preset.crf:g}",
        "refs": str(references),
        # Closed groups: a key frame is always an IDR picture. force-cfr: the stream itself says that the rate is fixed.
        "x264-params": f"open-gop=0:force-cfr=1:vbv-init={float(bound.start):.6f}{x264_parameters()}",
    }


def _nvenc_settings(preset: Preset) -> dict[str, str]:
    return {
        "preset": preset.nvenc_preset,
        "tune": "hq",
        # Constant quality in NVENC is variable bit rate without a target ("b"), aimed at cq. Its groups are closed:
        # libavcodec sets the IDR period to the group's length, and without look-ahead no other key frames are added.
        "rc": "vbr",
        "b": "0",
        "cq": str(preset.nvenc_cq),
        "spatial-aq": "1",
        # Two B-frames that nothing refers to: inside every level that we choose, and on every card that has NVENC.
        "bf": "2",
        "b_ref_mode": "disabled",
    }
