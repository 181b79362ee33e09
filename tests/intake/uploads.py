"""A small file of each kind that an upload may be."""

from pathlib import Path

import pillow_heif
from PIL import Image

from tests.audio.sounds import tone, write_sound
from tests.media.video.video_samples import CLOSED, write_video

PICTURES = {"JPG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "AVIF": "AVIF", "TIFF": "TIFF", "BMP": "BMP", "GIF": "GIF"}
VIDEOS = {
    "MP4": (".mp4", "libx264"),
    "MOV": (".mov", "libx264"),
    "WEBM": (".webm", "libvpx-vp9"),
    "MKV": (".mkv", "libx264"),
    "AVI": (".avi", "mpeg4"),
    "MPEG-TS": (".ts", "libx264"),
    "MPEG": (".mpg", "mpeg2video"),
    "FLV": (".flv", "flv"),
    "WMV": (".wmv", "wmv2"),
}
SOUNDS = {
    "MP3": (".mp3", "libmp3lame"),
    "M4A": (".m4a", "aac"),
    "WAV": (".wav", "pcm_s16le"),
    "FLAC": (".flac", "flac"),
    "AAC": (".aac", "aac"),
    "OGG": (".ogg", "libopus"),
    "AIFF": (".aiff", "pcm_s16be"),
}


def made(folder: Path, kind: str) -> Path:
    """A small file of a kind, under a name that says nothing."""
    path = folder / "blob"
    if kind in PICTURES:
        Image.new("RGB", (32, 24), (200, 80, 30)).save(path, PICTURES[kind])
        return path
    if kind == "HEIC":
        pillow_heif.from_pillow(Image.new("RGB", (64, 64))).save(path.with_suffix(".heic"))
        return path.with_suffix(".heic").rename(path)
    if kind in VIDEOS:
        suffix, codec = VIDEOS[kind]
        options = CLOSED if codec == "libx264" else None
        return write_video(path.with_suffix(suffix), codec, count=3, options=options).rename(path)
    suffix, codec = SOUNDS[kind]
    return write_sound(path.with_suffix(suffix), tone(0.3), codec).rename(path)
