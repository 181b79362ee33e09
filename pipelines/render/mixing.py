"""The mix of a scene as a stage: taken from the cache, or rendered beside the frames."""

import json
import shutil
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

from engine.core.content import digest, file_digest
from engine.core.errors import Cancelled
from engine.media.mp4_muxer import Mp4Muxer
from pipelines.render.cache import Cache
from pipelines.render.software import software
from pipelines.render.work_folder import work_folder

if TYPE_CHECKING:
    from engine.audio import MixReport, SoundClip

SOUND_KIND, REPORT_KIND = "mix", "mix-report"
"""What sorts of parts the cache holds of a mix: the .m4a, and what was measured on it."""


class MixJob:
    """Renders the mix on a thread of its own, beside the frames.

    Args:
        clips: what is heard.
        duration: seconds of the whole.
        target: the ``.m4a`` to write.
    """

    def __init__(self, clips: "tuple[SoundClip, ...]", duration: Fraction, target: Path) -> None:
        self.target = target
        self._stop = threading.Event()
        self._done: Future[MixReport] = Future()
        self._work = (clips, duration)
        threading.Thread(target=self._run, name="mix", daemon=True).start()

    def result(self) -> "MixReport":
        """Wait for the mix.

        Raises:
            MultiplaneError: it failed.
        """
        return self._done.result()

    def done(self) -> bool:
        """Whether :meth:`result` need not wait."""
        return self._done.done()

    def stop(self) -> None:
        """Give up at once; does not wait."""
        self._stop.set()

    def _run(self) -> None:
        def on_progress(_: float) -> None:
            if self._stop.is_set():
                raise Cancelled("Stopped.")

        try:
            from engine.audio import render_mix

            self._done.set_result(render_mix(*self._work, self.target, on_progress=on_progress))
        except BaseException as error:
            self._done.set_exception(error)


class Mixing:
    """The mix of a scene: taken from the cache, or rendered beside the frames; a context manager around both."""

    def __init__(self, clips: "tuple[SoundClip, ...]", duration: Fraction, cache: Cache | None) -> None:
        self._clips = clips
        self._duration = duration
        self._cache = cache
        self._key = mix_key(clips, duration) if cache is not None and clips else ""
        self._job: MixJob | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._clips and self._found() is None:
            folder = self._stack.enter_context(work_folder())
            self._job = MixJob(self._clips, self._duration, folder / "mix.m4a")
            self._stack.callback(self._job.stop)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def ready(self) -> bool:
        """Whether :meth:`finish` need not wait."""
        return self._job is None or self._job.done()

    def finish(self, muxer: Mp4Muxer) -> "MixReport | None":
        """Wait for the mix and hand it to the muxer.

        Raises:
            MultiplaneError: it failed.
        """
        if not self._clips:
            return None
        if self._job is None:
            found = self._found()
            if found is not None:
                muxer.set_audio(found[0])
                return found[1]
            self.__enter__()
            assert self._job is not None
        report = self._job.result()
        muxer.set_audio(self._job.target)
        if self._cache is not None:
            sound = self._job.target
            self._cache.keep(SOUND_KIND, self._key, lambda path: shutil.copyfile(sound, path))
            self._cache.keep(REPORT_KIND, self._key, lambda path: write_report(path, report))
        return report

    def _found(self) -> "tuple[Path, MixReport] | None":
        if self._cache is None:
            return None
        sound, report = (self._cache.find(kind, self._key) for kind in (SOUND_KIND, REPORT_KIND))
        if sound is None or report is None:
            return None
        return sound, read_report(report)


def write_report(path: Path, report: "MixReport") -> None:
    """Write what was measured on a mix as JSON."""
    path.write_text(json.dumps(asdict(report)), encoding="utf-8")


def read_report(path: Path) -> "MixReport":
    """What :func:`write_report` wrote."""
    from engine.audio import MixReport

    members = json.loads(path.read_text(encoding="utf-8"))
    return MixReport(**members | {"notes": tuple(members["notes"])})


def mix_key(clips: "tuple[SoundClip, ...]", duration: Fraction) -> str:
    """The hash of everything that a mix depends on."""
    return digest(software(), duration, [(file_digest(clip.path), repr(replace(clip, path=Path()))) for clip in clips])
