"""The sound of a draft: which clips are heard.

Many drafts are silent: what decodes and mixes is imported where the first sound is found.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import DraftError
from engine.media.kind import media_kind
from engine.packs import music_folders
from engine.timeline import AUDIO, VIDEO, Draft, Playback, Segment, Track, sound_role
from engine.timeline.cards import parse_card
from engine.timeline.layout import transition_length
from pipelines.render.options import RenderOptions
from pipelines.render.source_path import source_path

if TYPE_CHECKING:
    from engine.audio import SoundClip
    from engine.audio.library import MusicLibrary


def music_library() -> "MusicLibrary":
    """The music of this site as it is now: packs and the studio's own folders."""
    from engine.audio.library import MusicLibrary

    return MusicLibrary(music_folders())


def sound_clips(draft: Draft, options: RenderOptions, notes: list[str]) -> "tuple[SoundClip, ...]":
    """What is heard: the segments of the audio tracks, and the clips of the video tracks that have sound.

    Args:
        draft: with its tracks.
        options: where its sources are, and the seed that chooses music.
        notes: gets sentences for the user.

    Raises:
        DraftError: a segment of an audio track has neither a source nor a mood.
        MediaError: a file of an audio track cannot be read.
    """
    # Looked at once a render, and where a mood asks for it: a process that goes on finds what was added meanwhile.
    library = cache(music_library)
    return tuple(
        clip
        for track in draft.tracks
        if track.kind in (AUDIO, VIDEO)
        for clip in _of_track(track, options, library, notes)
    )


def _of_track(
    track: Track, options: RenderOptions, library: "Callable[[], MusicLibrary]", notes: list[str]
) -> "Iterator[SoundClip]":
    segments = track.segments
    crossfade_in = Fraction(0)
    for index, segment in enumerate(segments):
        following = segments[index + 1] if index + 1 < len(segments) else None
        crossfade_out = transition_length(segment, following) if following is not None else Fraction(0)
        if segment.sound.volume > 0 and segment.playback.freeze is None:
            path = _music(segment, options, library, notes) if track.kind == AUDIO else _clip(segment, options)
            if path is not None:
                from engine.audio import SoundClip

                in_step = track.kind == VIDEO and _has_turns(segment.playback)
                yield SoundClip(
                    path,
                    segment.start,
                    segment.duration,
                    _with_pictures_end(segment.playback, path) if in_step else segment.playback,
                    segment.sound,
                    sound_role(segment.sound, segment.meta),
                    crossfade_in=crossfade_in,
                    crossfade_out=crossfade_out,
                    in_step=in_step,
                )
        crossfade_in = crossfade_out


def _has_turns(playback: Playback) -> bool:
    """Whether the medium's end is a place where it turns or begins again: there, picture and sound must agree."""
    return playback.reverse or playback.plays != 1


def _with_pictures_end(playback: Playback, path: Path) -> Playback:
    """The playback of a clip's sound, whose own end may lie before or after the picture's."""
    from engine.media.video import probe_video

    duration = probe_video(path).duration
    end = duration if playback.end is None else min(playback.end, duration)
    return replace(playback, end=end) if end > playback.start else playback


def _music(segment: Segment, options: RenderOptions, library: "Callable[[], MusicLibrary]", notes: list[str]) -> Path:
    if segment.src:
        return source_path(segment.src, options.base)
    mood = segment.meta.get("mood")
    if not isinstance(mood, str) or not mood.strip():
        raise DraftError(f"The sound {segment.id!r} has no source: give it a file in src, or a mood in m.mood.")
    track = library().choose(mood, seed=options.seed, duration=segment.duration)
    notes += filter(None, [library().remark(mood, track)])
    return track.path


def _clip(segment: Segment, options: RenderOptions) -> Path | None:
    if segment.src is None or parse_card(segment.src) is not None:
        return None
    path = source_path(segment.src, options.base)
    if media_kind(path) == "photo":
        return None
    from engine.audio import probe_audio

    return None if probe_audio(path) is None else path
