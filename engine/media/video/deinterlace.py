"""Two fields made into one picture, by FFmpeg's bwdif (Weston's three-field method, after BBC WHP 161).

The filter looks at the pictures before and after. Each picture is given both anew, so what comes out does not depend on
where playing began.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av.filter

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_CLOCK = Fraction(1, 25)
"""Of the little graph; the filter does not look at times."""


def deinterlaced(before: "VideoFrame", picture: "VideoFrame", after: "VideoFrame") -> "VideoFrame":
    """The picture without its comb.

    Args:
        before, after: its neighbours; the picture itself at the ends of the video.
        picture: made of two fields.
    """
    same = {(p.width, p.height, p.format.name) for p in (before, picture, after)}
    if len(same) != 1:
        return picture
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(width=picture.width, height=picture.height, format=picture.format, time_base=_CLOCK)
    bwdif = graph.add("bwdif", "mode=send_frame:parity=auto:deint=all")
    sink = graph.add("buffersink")
    source.link_to(bwdif)
    bwdif.link_to(sink)
    graph.configure()
    kept = [(p, p.pts) for p in (before, picture, after)]
    made: list[VideoFrame] = []
    try:
        for number, neighbour in enumerate((before, picture, after)):
            neighbour.pts = number
            graph.push(neighbour)
        graph.push(None)
        while len(made) < 2:
            made.append(cast("VideoFrame", graph.pull()))
    except (av.error.FFmpegError, ValueError):
        return picture
    finally:
        for frame, pts in kept:
            frame.pts = pts
    return made[1]
