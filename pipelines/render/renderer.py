"""From a draft to an MP4.

::

    draft ── prepare ──> scene ──> GOPs ── cache ──> those that are missing ── crew ──> GOPs in order ──┐
                           └─────> sound clips ── cache ──> one mix, beside the frames ─────────────────┴──> muxer

A GOP has the same bits whoever renders it, so threads, processes, chunks and the cache all lead to the same file.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media.mp4_muxer import Mp4Muxer
from engine.media.packets import EncodedGop
from engine.timeline import Draft
from pipelines.render.cache import Cache
from pipelines.render.crew import Crew, FrameDone, GopDone, ThreadCrew
from pipelines.render.finished import Finished
from pipelines.render.generating import made_clips, named_clips, orders_of, with_files
from pipelines.render.gop_renderer import GopRenderer, mp4_options
from pipelines.render.mixing import Mixing
from pipelines.render.needs import check_needs
from pipelines.render.options import Progress, ProgressCallback, RenderOptions, RenderReport, usable_cores
from pipelines.render.painter import near
from pipelines.render.process_crew import ProcessCrew
from pipelines.render.scene import Gop, Scene, prepare
from pipelines.render.sound import sound_clips

if TYPE_CHECKING:
    from engine.audio import MixReport


def render_draft(
    draft: Draft, target: Path, options: RenderOptions, on_progress: ProgressCallback | None = None
) -> RenderReport:
    """Render a draft and put the MP4 at ``target`` when it is complete.

    Args:
        draft: what to render.
        target: the file to write.
        options: how.
        on_progress: called after each frame, and while clips are generated; an exception from it ends the rendering and
            leaves no file.

    Raises:
        DraftError: the draft shows nothing.
        InputError, EngineError: a source is missing or cannot be read (none is missed after the first frame), the
            target cannot be written, or the encoder failed.
        MotionUnavailable: a shot asks for generated motion, and something that it needs is not here.
    """
    began = time.perf_counter()
    scene = prepare(draft, options.base)
    check_needs(scene, options.base)
    orders = orders_of(scene, options)
    options = replace(options, clips=named_clips(orders))
    notes: list[str] = []
    clips = sound_clips(scene.draft, options, notes)
    cache = Cache.of_site() if options.cached else None
    with ExitStack() as stack:
        muxer = stack.enter_context(
            Mp4Muxer(target, mp4_options(scene, options), overwrite=options.overwrite, subtitles=scene.soft)
        )
        sound = stack.enter_context(Mixing(clips, scene.frames / scene.draft.frame_rate, cache))
        found = Finished(scene, options, cache)
        counter = _Counter(scene, on_progress or _ignore, generates=bool(orders))
        seen = [shot for gop in found.missing for shot in near(scene, gop)]
        made = stack.enter_context(made_clips(orders, seen, options, counter.generate))
        options = with_files(options, made)
        crew: Crew | None = None
        if found.missing:
            crew = stack.enter_context(closing(_crew(draft, scene, options)))

        def again(gop: Gop) -> GopDone:
            with (
                made_clips(orders, near(scene, gop), options, _nothing) as more,
                closing(_crew(draft, scene, with_files(options, more))) as spare,
            ):
                return next(event for event in spare.run([gop]) if isinstance(event, GopDone))

        counter.add(sum(gop.frames for gop in scene.gops if found.has(gop)))
        assembly = _Assembly(scene, muxer, found, sound, again)
        for event in crew.run(found.missing) if crew is not None else ():
            if isinstance(event, GopDone):
                assembly.add(scene.gops[event.index], event)
                assembly.write()
            else:
                counter.take(event)
        assembly.write(wait=True)
        report = assembly.report
        notes += found.notes
        notes += crew.notes if crew is not None else ()
    if cache is not None:
        cache.trim(time.time())
    return RenderReport(
        target,
        scene.frames,
        scene.frames / scene.draft.frame_rate,
        time.perf_counter() - began,
        tuple(dict.fromkeys((*notes, *(report.notes if report is not None else ())))),
        gops=len(scene.gops),
        reused=assembly.reused,
        sound=report,
        generated=made,
    )


def _ignore(progress: Progress) -> None:
    pass


def _nothing(share: float) -> None:
    pass


def _crew(draft: Draft, scene: Scene, options: RenderOptions) -> Crew:
    if options.processes:
        return ProcessCrew(draft, options, options.processes)
    threads = options.threads or usable_cores()
    return ThreadCrew(GopRenderer(scene, options, threads), threads)


class _Assembly:
    """Writes GOPs in order, as soon as the sound and all before them are there.

    Args:
        scene: what is rendered.
        muxer: takes the GOPs.
        found: those of the cache.
        sound: the mix, which the muxer wants first.
        again: renders a GOP that was in the cache when the rendering began, and is not any more.

    Attributes:
        report: what was measured on the mix.
        reused: how many GOPs came from the cache.
    """

    def __init__(
        self, scene: Scene, muxer: Mp4Muxer, found: Finished, sound: Mixing, again: Callable[[Gop], GopDone]
    ) -> None:
        self._left = deque(scene.gops)
        self._muxer = muxer
        self._found = found
        self._sound = sound
        self._again = again
        self._waiting: dict[int, EncodedGop] = {}
        self.report: MixReport | None = None
        self.reused = 0
        self._has_sound = False

    def add(self, gop: Gop, made: GopDone) -> None:
        """Take a GOP that was rendered just now."""
        self._found.keep(gop, made.gop, made.notes)
        self._waiting[gop.index] = made.gop

    def write(self, *, wait: bool = False) -> None:
        """Write what can be written.

        Args:
            wait: for the mix, however long it takes.
        """
        if not self._has_sound:
            if not (wait or self._sound.ready()):
                return
            self.report = self._sound.finish(self._muxer)
            self._has_sound = True
        while self._left:
            gop = self._left[0]
            if gop.index in self._waiting:
                self._muxer.write(self._waiting.pop(gop.index))
            elif self._found.has(gop):
                self._muxer.write(self._taken(gop))
            else:
                return
            self._left.popleft()

    def _taken(self, gop: Gop) -> EncodedGop:
        taken = self._found.get(gop)
        if taken is not None:
            self.reused += 1
            return taken
        made = self._again(gop)
        self._found.keep(gop, made.gop, made.notes)
        return made.gop


class _Counter:
    """Counts frames, and tells each one once."""

    def __init__(self, scene: Scene, on_progress: ProgressCallback, *, generates: bool) -> None:
        self._total = scene.frames
        self._tell = on_progress
        self._generated = 0.0 if generates else None
        self._done = 0
        self._told = 0

    def generate(self, share: float) -> None:
        """So much of the generated clips is made."""
        if self._generated is None or share > self._generated:
            self._generated = share
        self._tell(self._progress())

    def add(self, frames: int) -> None:
        """Frames that were there already; what had to be generated is."""
        if self._generated is not None:
            self._generated = 1.0
        if frames:
            self._done = self._told = frames
            self._tell(self._progress())

    def take(self, event: FrameDone) -> None:
        """A frame is done, or must be done again."""
        self._done += -event.redone if event.redone else 1
        if self._done > self._told:
            self._told = self._done
            self._tell(self._progress())

    def _progress(self) -> Progress:
        return Progress(self._done, self._total, self._generated)
