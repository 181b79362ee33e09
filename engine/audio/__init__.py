"""Sound: decoding, mixing, ducking, loudness, AAC; the music library."""

from engine.audio.clip import AudioInfo, MixReport, SoundClip
from engine.audio.container import probe_audio
from engine.audio.mix import render_mix

__all__ = ["AudioInfo", "MixReport", "SoundClip", "probe_audio", "render_mix"]
