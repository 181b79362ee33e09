"""Contender ``opencv``: the obvious loop of OpenCV and PyAV.

    python -m benchmarks.opencv_naive CLIP_JSON OUT.mp4

Every frame: ``warpAffine`` of the RGB photo with cubic interpolation, then PyAV converts to yuv420p and encodes.
"""

import sys
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.clip import Clip
from benchmarks.x264 import open_stream


def main(clip: Clip, target: Path) -> None:
    """Make the clip."""
    read = cv2.imread(clip.photo)
    if read is None:
        sys.exit(f"OpenCV does not read {clip.photo}")
    photo = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
    with av.open(str(target), "w") as container:
        stream = open_stream(container, clip.width, clip.height, clip.rate)
        for index in range(clip.frames):
            scale, left, top = clip.view(index)
            # From the index of a frame pixel to that of a photo pixel; both count centres, hence the halves.
            matrix = np.array([[scale, 0, left + 0.5 * scale - 0.5], [0, scale, top + 0.5 * scale - 0.5]])
            picture = cv2.warpAffine(
                photo, matrix, (clip.width, clip.height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            )
            frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8, copy=False), "rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main(Clip.from_json(sys.argv[1]), Path(sys.argv[2]))
