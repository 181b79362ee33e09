"""From what a decoder gives to upright 8-bit 4:2:0 BT.709 limited range, with alpha.

A picture that is that already is handed on as it is: its planes are views of the decoder's memory.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.core.frames import Plane, YuvFrame
from engine.media.video.color import ColorCoding, coding_of, from_rgb_matrix, recode_matrix
from engine.media.video.edges import continue_edges
from engine.media.video.hdr import DEFAULT_PEAK, apply_tone, peak_of, tone_curves
from engine.media.video.kernels.recode import recode_chroma, recode_luma, rgb_to_444
from engine.media.video.orientation import UPRIGHT, Orientation
from engine.media.video.picture import RgbaImage, VideoPicture
from engine.media.video.planes import (
    CENTER,
    FULL,
    LEFT,
    AnyPlane,
    Planes,
    chroma_at_chroma,
    chroma_at_luma,
    packed,
    plane_views,
    turned,
)
from engine.media.video.square import to_square

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_DEEP = 16
"""Bits of the planes that RGB becomes on its way: 256 steps a code value."""


@dataclass(frozen=True, slots=True)
class PictureForm:
    """What every picture of a video has in common.

    Attributes:
        width, height: stored pixels.
        orientation: what turns a stored picture upright.
        size: upright square pixels (width, height), as :class:`VideoInfo` gives them.
        has_alpha: pictures have an alpha plane.
        peak: luminance of the brightest point, cd/m2, for HDR.
        memory: bytes of a decoded picture.
    """

    width: int
    height: int
    orientation: Orientation = UPRIGHT
    size: tuple[int, int] = (0, 0)
    has_alpha: bool = False
    peak: float = DEFAULT_PEAK
    memory: int = 0


def form_of(frame: "VideoFrame", orientation: Orientation, size: tuple[int, int], has_alpha: bool) -> PictureForm:
    """The form that all pictures of a video are brought into, from its first one."""
    memory = sum(plane.buffer_size for plane in frame.planes)
    return PictureForm(frame.width, frame.height, orientation, size, has_alpha, peak_of(frame), memory)


def pixel_has_alpha(frame: "VideoFrame") -> bool:
    """Whether the pixel format of a picture has room for alpha."""
    name = frame.format.name
    return name == "pal8" or any(component.is_alpha for component in frame.format.components)


def convert(frame: "VideoFrame", form: PictureForm) -> VideoPicture:
    """Bring a decoded picture into its form."""
    if (frame.width, frame.height) != (form.width, form.height):
        frame = frame.reformat(width=form.width, height=form.height, interpolation="BICUBIC")
    coding = coding_of(frame)
    planes, coding = _planes_of(frame, coding)
    planes = turned(planes, form.orientation)
    ready = _as_it_is(planes, coding)
    if ready is None:
        ready = _recoded(planes, coding, form.peak)
    alpha = None
    if form.has_alpha:
        alpha = _alpha(planes, ready)
        ready = continue_edges(ready, alpha)
    return to_square(VideoPicture(ready, alpha), planes.y.shape, form.size)


def convert_rgba(image: RgbaImage) -> VideoPicture:
    """Bring an sRGB picture with straight alpha, (H, W, 4) uint8, into a frame. sRGB codes are taken as BT.709's."""
    planes = _rgb_planes(image, 255)
    frame = _recoded(planes, _SELF, DEFAULT_PEAK)
    alpha = _alpha(planes, frame)
    return VideoPicture(continue_edges(frame, alpha), alpha)


_SELF = ColorCoding()


def _as_it_is(planes: Planes, coding: ColorCoding) -> YuvFrame | None:
    height, width = planes.y.shape
    ours = planes.across == LEFT and planes.down == CENTER and planes.bits == 8
    if not ours or height % 2 or width % 2 or coding != _SELF:
        return None
    return YuvFrame(planes.y, planes.u, planes.v, owner=planes.owner)


def _recoded(planes: Planes, coding: ColorCoding, peak: float) -> YuvFrame:
    height, width = planes.y.shape
    chroma_height, chroma_width = planes.u.shape
    out = YuvFrame.empty(width + width % 2, height + height % 2)
    rows = chroma_at_chroma(out.height // 2, chroma_height, planes.down, CENTER)
    columns = chroma_at_chroma(out.width // 2, chroma_width, planes.across, LEFT)
    luma_rows = chroma_at_luma(height, chroma_height, planes.down)
    luma_columns = chroma_at_luma(width, chroma_width, planes.across)
    if not coding.linear:
        tone = tone_curves(coding, planes.bits, peak)
        apply_tone(planes, tone, (luma_rows, luma_columns), (rows, columns), out)
        return out
    matrix = recode_matrix(coding, planes.bits).astype(np.float32)
    recode_luma(*packed(planes), *luma_rows, *luma_columns, matrix[0], out.y)
    recode_chroma(*packed(planes)[1:], *rows, *columns, np.ascontiguousarray(matrix[1:, 1:]), out.u, out.v)
    return out


def _alpha(planes: Planes, frame: YuvFrame) -> Plane:
    if planes.alpha is None:
        return np.full(frame.y.shape, 255, np.uint8)
    alpha = planes.alpha
    if planes.bits > 8:
        alpha = (alpha.astype(np.float32) * (255 / ((1 << planes.bits) - 1)) + 0.5).astype(np.uint8)
    height, width = alpha.shape
    if (height, width) != frame.y.shape:
        alpha = np.pad(alpha, ((0, frame.height - height), (0, frame.width - width)), "edge")
    return np.ascontiguousarray(alpha)


def _planes_of(frame: "VideoFrame", coding: ColorCoding) -> tuple[Planes, ColorCoding]:
    """The planes of a picture in any pixel format, and how they are coded."""
    components = frame.format.components
    names = frame.format.name
    if frame.format.is_rgb or names == "pal8" or names.startswith(("xyz", "bayer")):
        deep = max((component.bits for component in components), default=8) > 8
        image = frame.reformat(format="rgba64le" if deep else "rgba").to_ndarray()
        planes = _rgb_planes(image, 65535 if deep else 255)
        return planes, ColorCoding("BT.709", False, coding.transfer, coding.primaries)
    if not _is_plain(frame):
        frame = frame.reformat(format=_plain_format(frame))
    bits = frame.format.components[0].bits
    views = plane_views(frame, bits)
    if len(views) <= 2:  # grey, perhaps with alpha
        grey = np.full(views[0].shape, 1 << (bits - 1), views[0].dtype)
        return Planes(views[0], grey, grey, views[1] if len(views) == 2 else None, bits, FULL, FULL, frame), coding
    across = LEFT if frame.format.chroma_width(4) == 2 else FULL
    down = CENTER if frame.format.chroma_height(4) == 2 else FULL
    if across == LEFT and names.startswith("yuvj"):
        across = CENTER  # JPEG's siting (JFIF), in all that carries its pictures
    alpha = views[3] if len(views) == 4 else None
    return Planes(views[0], views[1], views[2], alpha, bits, across, down, frame), coding


def _is_plain(frame: "VideoFrame") -> bool:
    """Planar, with chroma of half or whole size along each axis, in the machine's byte order."""
    form = frame.format
    name = form.name
    if not name.startswith(("yuv", "gray")) or name.endswith("be") or form.is_bit_stream:
        return False
    if any(component.bits < 8 for component in form.components) or name.startswith(("yuyv", "grayf")):
        return False
    planar = len(frame.planes) == len(form.components)
    return planar and form.chroma_width(8) in (4, 8) and form.chroma_height(8) in (4, 8)


def _plain_format(frame: "VideoFrame") -> str:
    """The planar format that holds all of an unusual one; the reformatter only rearranges or interpolates."""
    form = frame.format
    deepest = max(component.bits for component in form.components)
    alpha = any(component.is_alpha for component in form.components)
    across, down = form.chroma_width(8), form.chroma_height(8)
    sampling = "420" if (across, down) == (4, 4) else "422" if (across, down) == (4, 8) else "444"
    bits = next((b for b in (8, 10, 12, 16) if b >= deepest), 16)
    if alpha and bits == 12 and sampling == "420":
        bits = 16
    suffix = "" if bits == 8 else f"{bits}le"
    return f"yuv{'a' if alpha else ''}{sampling}p{suffix}"


def _rgb_planes(image: AnyPlane, top: int) -> Planes:
    """4:4:4 planes of an (H, W, 4) picture whose white is ``top``; BT.709 limited range in 16 bits."""
    height, width = image.shape[:2]
    matrix = from_rgb_matrix() * (1 << (_DEEP - 8))
    matrix[:, :3] /= top
    planes = np.empty((3, height, width), np.uint16)
    rgb_to_444(np.ascontiguousarray(image), matrix.astype(np.float32), planes)
    alpha = image[..., 3]
    if top == 255:
        alpha = alpha.astype(np.uint16) * 257
    return Planes(planes[0], planes[1], planes[2], np.ascontiguousarray(alpha), _DEEP, FULL, FULL)
