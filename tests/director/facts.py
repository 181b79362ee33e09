"""What a draft says, as the facts of ``labels/README.md``: plain values by their names."""

from typing import Any

from engine.core.time import frame_rate_name
from engine.timeline import AUDIO, TEXT, VIDEO, Draft, Segment, TextStyle, sound_role

MOTION = ("move", "speed", "amount", "focus", "ease", "with", "strength", "prompt", "extend", "quality", "model")


def facts_of(draft: Draft) -> dict[str, Any]:
    """Members ``w`` ``h`` ``fps`` ``d`` ``title``, lists ``shots`` ``texts`` ``sounds``, and ``music``."""
    tracks = {kind: [track for track in draft.tracks if track.kind == kind] for kind in (VIDEO, AUDIO, TEXT)}
    shots = list(tracks[VIDEO][0].segments) if tracks[VIDEO] else []
    layers = [segment for track in tracks[VIDEO][1:] for segment in track.segments]
    sounds = sorted((s for track in tracks[AUDIO] for s in track.segments), key=lambda s: (s.start, s.id))
    music = [sound for sound in sounds if sound_role(sound.sound, sound.meta) == "music"]
    texts = sorted((s for track in tracks[TEXT] for s in track.segments), key=lambda s: (s.start, s.id))
    return {
        "w": draft.canvas.width,
        "h": draft.canvas.height,
        "fps": float(frame_rate_name(draft.frame_rate)),
        "d": float(draft.duration),
        "title": draft.meta.get("title"),
        "shots": [_shot(shot, last=shot is shots[-1]) for shot in shots],
        "layers": [_shot(layer, last=True) for layer in layers],
        "texts": [_text(text) for text in texts],
        "music": _sound(music[0]) if music else None,
        "sounds": [_sound(sound) for sound in sounds if sound not in music[:1]],
    }


def _shot(shot: Segment, *, last: bool) -> dict[str, Any]:
    motion, transition, playback, place = shot.motion, shot.transition, shot.playback, shot.placement
    moving = motion is not None and motion.moves != ("hold",)
    return {
        "src": (shot.src or "").rsplit("/", 1)[-1],
        "d": float(shot.duration),
        "move": sorted(motion.moves) if motion is not None and moving else ["hold"],
        "speed": (motion.speed or "normal") if motion is not None else "normal",
        "amount": motion.amount if motion is not None else None,
        "focus": motion.focus if motion is not None else None,
        "ease": motion.ease if motion is not None else "in_out",
        "with": (motion.method or "kenburns") if motion is not None else "kenburns",
        "strength": motion.strength if motion is not None else None,
        "prompt": motion.prompt if motion is not None else None,
        "extend": motion.extend if motion is not None else None,
        "quality": motion.quality if motion is not None else None,
        "model": motion.model if motion is not None else None,
        "tr": "cut" if transition is None or last else transition.kind,
        "trd": float(transition.duration) if transition and transition.duration is not None and not last else None,
        "ef": {effect.name: effect.strength for effect in shot.effects},
        "fit": shot.fit.mode,
        "sp": float(playback.speed),
        "rev": playback.reverse,
        "loop": playback.plays,
        "in": float(playback.start),
        "out": float(playback.end) if playback.end is not None else None,
        "fz": float(playback.freeze) if playback.freeze is not None else None,
        "vol": shot.sound.volume,
        "x": place.x,
        "y": place.y,
        "scale": place.scale,
        "rot": place.rotation,
        "opacity": place.opacity,
        "kf": len(shot.keyframes),
    }


def _text(text: Segment) -> dict[str, Any]:
    style = text.style or TextStyle()
    return {
        "tx": text.text,
        "role": style.role,
        "s": float(text.start),
        "d": float(text.duration),
        "anchor": style.anchor,
        "x": style.x,
        "y": style.y,
        "size": style.size,
        "color": style.color,
        "font": style.font,
        "weight": style.weight,
        "italic": style.italic,
        "in": style.enter,
        "out": style.leave,
        "outline": style.outline not in (None, False),
        "shadow": style.shadow not in (None, False),
        "box": style.box not in (None, False),
    }


def _sound(sound: Segment) -> dict[str, Any]:
    return {
        "mood": sound.meta.get("mood"),
        "src": (sound.src or "").rsplit("/", 1)[-1] or None,
        "vol": sound.sound.volume,
        "fi": float(sound.sound.fade_in),
        "fo": float(sound.sound.fade_out),
        "s": float(sound.start),
        "d": float(sound.duration),
        "duck": sound.sound.duck,
        "loop": sound.playback.plays == 0,
    }
