"""One GOP: paint its frames in order, encode them."""

import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from engine.core.heap import give_back, keep_large_blocks_apart
from engine.media import Mp4Options
from engine.media.gop_encoder import GopEncoder
from engine.media.packets import EncodedGop
from pipelines.render.opening import Opened, open_shot
from pipelines.render.options import RenderOptions
from pipelines.render.painter import Painter, near
from pipelines.render.scene import Gop, Scene
from pipelines.render.shelf import Shelf


def mp4_options(scene: Scene, options: RenderOptions) -> Mp4Options:
    """The order for the encoder and the muxer."""
    title = scene.draft.meta.get("title")
    width, height = scene.size
    return Mp4Options(
        width,
        height,
        scene.draft.frame_rate,
        options.preset,
        options.encoder,
        title if isinstance(title, str) else "",
    )


class GopRenderer:
    """Renders any GOP of a scene; its threads share what is open.

    Args:
        scene: what is rendered.
        options: how.
        threads: that preparing a source may use.
    """

    def __init__(self, scene: Scene, options: RenderOptions, threads: int) -> None:
        keep_large_blocks_apart()
        self._scene = scene
        self._mp4 = mp4_options(scene, options)
        opener = partial(open_shot, scene=scene, options=options, threads=threads)
        self._shelf = Shelf(scene.shots, opener, _notes)
        self.painter = Painter(scene, self._shelf)
        self._running: dict[int, Fraction] = {}
        self._lock = threading.Lock()

    def new_encoder(self) -> GopEncoder:
        """An encoder for the GOPs of one thread, one after the other."""
        return GopEncoder(self._mp4)

    def render(self, gop: Gop, encoder: GopEncoder, on_frame: Callable[[], None]) -> EncodedGop:
        """Render a GOP.

        Args:
            gop: one of the scene's.
            encoder: of the calling thread.
            on_frame: called after each frame; an exception from it ends the GOP.

        Raises:
            MultiplaneError: a source could not be read, or the encoder failed.
        """
        begin, end = self._scene.time(gop.first), self._scene.time(gop.first + gop.frames)
        with self._lock:
            self._running[gop.index] = begin
            dropped = self._shelf.drop_before(min(self._running.values()))
        if dropped:
            give_back()
        # What comes after this GOP is opened while it is rendered.
        self._shelf.prefetch(begin, end + (end - begin))
        shots = near(self._scene, gop)
        try:
            for number in range(gop.first, gop.first + gop.frames):
                frame = encoder.new_frame()
                self.painter.paint(number, frame, shots)
                encoder.encode(frame)
                on_frame()
            return encoder.finish()
        except BaseException:
            encoder.abort()
            raise
        finally:
            with self._lock:
                del self._running[gop.index]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about the sources that were opened."""
        return self._shelf.notes

    def notes_of(self, gop: Gop) -> tuple[str, ...]:
        """Those about what is seen in a GOP that was rendered."""
        return self._shelf.notes_of(near(self._scene, gop))

    def close(self) -> None:
        """Let go of the sources."""
        self._shelf.close()


def _notes(opened: Opened) -> tuple[str, ...]:
    return opened.notes
