"""What is refused, and how the sentence reads."""

import os
import struct
from fractions import Fraction

import pytest
from PIL import Image

from engine.core.errors import CorruptMedia, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.media.video import VideoLimits, VideoReader, probe_video
from tests.media.video.video_samples import CLOSED, patched, write_video

LIMITS = VideoLimits.from_settings()


def limits(**changes):
    return VideoLimits(**{name: changes.get(name, getattr(LIMITS, name)) for name in LIMITS.__slots__})


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"%PDF-1.7\n" + bytes(600), "this is a PDF document"),
        ("a.mp4", b"hello, this is not a video at all\n" * 40, "this is a text file"),
        ("a.mp4", bytes(range(256)) * 20, "not a picture in any format that we know"),
        ("a.m3u8", b"#EXTM3U\n#EXTINF:10,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n", "this is a text file"),
        ("a.ffconcat", b"ffconcat version 1.0\nfile /etc/passwd\n", "this is a text file"),
        ("a.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "this is a text file"),
    ],
)
def test_what_is_no_video_is_named(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnsupportedMedia) as refused:
        probe_video(path)
    assert refused.value.message.startswith(f"{name}: ")
    assert says in refused.value.message
    assert "give a video as" in refused.value.message


def test_a_photo_is_no_video(tmp_path):
    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg")
    with pytest.raises(UnsupportedMedia, match=r"a\.jpg: this is a JPEG photo; give a video"):
        probe_video(tmp_path / "a.jpg")


def test_sound_without_pictures_is_no_video(tmp_path):
    path = write_video(tmp_path / "a.mp4", options=CLOSED, count=3, silence=1)
    import av

    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mp4"), "w") as target:
        sound = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = sound
                target.mux(packet)
    with pytest.raises(UnsupportedMedia, match="there is no video in it"):
        probe_video(tmp_path / "b.mp4")


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(UnreadableMedia, match="there is no such file"):
        probe_video(tmp_path / "none.mp4")
    with pytest.raises(UnreadableMedia, match="this is a directory"):
        probe_video(tmp_path)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(UnreadableMedia, match="the file is empty"):
        probe_video(tmp_path / "empty.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(UnreadableMedia, match="not a regular file"):
        probe_video(tmp_path / "pipe.mp4")


def test_each_limit_lets_pass_what_is_just_inside(tmp_path):
    path = write_video(tmp_path / "a.mp4", options=CLOSED, count=10)
    size = path.stat().st_size
    inside = {
        "file_bytes": size, "pixels": 96 * 64, "dimension": 96, "duration": Fraction(10, 25), "frames": 10,
    }  # fmt: skip
    assert probe_video(path, limits(**inside)).frames == 10
    says = {
        "file_bytes": "MB",
        "pixels": "megapixels",
        "dimension": "a side of 96x64",
        "duration": "seconds",
        "frames": "pictures",
    }
    for name, value in inside.items():
        with pytest.raises(MediaLimitExceeded, match=says[name]) as refused:
            probe_video(path, limits(**{**inside, name: value - Fraction(1, 100) if name == "duration" else value - 1}))
        assert "MULTIPLANE_VIDEO_" in refused.value.message
        assert refused.value.message.startswith("a.mp4: ")


def test_an_animation_obeys_the_same_limits(tmp_path):
    first, *rest = [Image.new("RGB", (64, 48), (n * 50, 0, 0)) for n in range(5)]
    first.save(tmp_path / "a.gif", save_all=True, append_images=rest, duration=100)
    assert probe_video(tmp_path / "a.gif", limits(frames=5)).frames == 5
    for changes in ({"frames": 4}, {"dimension": 63}, {"pixels": 64 * 48 - 1}, {"duration": Fraction(49, 100)}):
        with pytest.raises(MediaLimitExceeded):
            probe_video(tmp_path / "a.gif", limits(**changes))


def test_a_video_that_is_cut_off_plays_what_is_there(tmp_path):
    # Matroska can be read from its beginning; so can an MP4 whose index comes first.
    for name, container in (("a.mkv", {}), ("a.mp4", {"movflags": "faststart"}), ("a.ts", {})):
        path = write_video(tmp_path / name, options=CLOSED, count=60, container=container)
        whole = path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(whole * 6 // 10)
        info = probe_video(path)
        assert 5 <= info.frames < 60
        if name != "a.ts":  # a broadcast has no end to miss
            assert any("cut off" in note for note in info.notes), name
        with VideoReader(path) as reader:
            last = reader.frame_at(info.duration)
            assert last.y.std() > 5
            assert (reader.frame_at(Fraction(100)).y == last.y).all()


def test_an_mp4_without_its_index_is_refused(tmp_path):
    path = write_video(tmp_path / "a.mp4", options=CLOSED, count=60)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(CorruptMedia, match="damaged"):
        probe_video(path)


def test_a_header_that_claims_a_giant_is_refused(tmp_path):
    def giant(data, at):
        data[at + 8 : at + 16] = struct.pack("<ii", 30_000, 30_000)

    path = write_video(tmp_path / "a.avi", "ffv1", options={"level": "1"}, count=3)
    patched(path, b"strf", giant)
    # The demuxer is told the limit too, and may drop the claim before we see it.
    with pytest.raises((MediaLimitExceeded, CorruptMedia)):
        probe_video(path)
