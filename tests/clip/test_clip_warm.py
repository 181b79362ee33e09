"""What is compiled ahead is all that an ordinary clip needs."""

from fractions import Fraction

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media.video.kernels import recode, tone
from engine.raster.kernels import separable
from engine.timeline.draft import Fit
from engine.timeline.playback import Playback
from pipelines.clip import enlarge, open_clip
from pipelines.clip.warm import warm_clips
from tests.media.video.test_video_hdr import flat, write_hdr
from tests.media.video.video_samples import CLOSED, write_video


def compiled() -> dict[str, int]:
    kernels = (
        recode.recode_luma, recode.recode_chroma, tone.tone_luma, tone.tone_chroma, separable.resample_separable,
        enlarge.enlarge,
    )  # fmt: skip
    return {kernel.py_func.__name__: len(kernel.signatures) for kernel in kernels}


def test_a_clip_compiles_nothing_that_was_not_compiled_ahead(tmp_path):
    warm_clips()
    before = compiled()
    files = [
        write_video(tmp_path / "a.mp4", options=CLOSED, count=3),
        write_video(tmp_path / "b.mp4", options=CLOSED, count=3, tags=(6, 2, 6, 6)),
        write_video(tmp_path / "c.mp4", pixels="yuv422p10le", options={"preset": "ultrafast"}, count=3),
        write_hdr(tmp_path / "d.mp4", 18, flat((500, 512, 512))),
    ]
    for path in files:
        for mode in ("crop", "blur"):
            for layer in ((90, 160), (320, 180), (66, 30)):
                clip = open_clip(path, Playback(), Fit(mode), layer, Fraction(1))
                clip.render(Fraction(0), View.whole(*layer), YuvFrame.empty(*layer), None)
    assert compiled() == before
