"""Hostile files that would have FFmpeg or Pillow read another file: each is refused, and nothing of the other shows."""

import struct
from pathlib import Path

import av
import pytest
from PIL import Image

from engine.audio.container import probe_audio
from engine.audio.decode import decode_sound
from engine.audio.library_folder import read_folder
from engine.core.errors import CorruptMedia, UnreadableMedia, UnsupportedMedia
from engine.media import load_photo, probe_photo
from engine.media.audio_track import AudioTrack
from engine.media.demuxers import DEMUXERS, open_local
from engine.media.video import probe_video
from tests.audio.sounds import tone, write_sound
from tests.media.video.video_samples import CLOSED, write_video

REFUSED = (UnsupportedMedia, CorruptMedia, UnreadableMedia)

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile {other}\n"
SESSION = (
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
)
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" '
    'profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation '
    'id="1" bandwidth="1"><BaseURL>{other}</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
SUBTITLES = "[ScriptInfo]\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,,,,,,,{other}\n"
VOBSUB = "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><image href="{other}" width="9" height="9"/></svg>'
MVG = "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 9,9 '{other}'\npop graphic-context\n"
POSTSCRIPT = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n({other}) (r) file\nshowpage\n"

SCRIPTS = [
    ("list.m3u8", PLAYLIST),
    ("list.mp4", PLAYLIST),
    ("list.mp3", PLAYLIST),
    ("script.ffconcat", CONCAT),
    ("script.mp4", CONCAT),
    ("session.sdp", SESSION),
    ("session.mp4", SESSION),
    ("stream.mpd", DASH),
    ("stream.mp4", DASH),
    ("texts.ass", SUBTITLES),
    ("texts.idx", VOBSUB),
    ("drawing.svg", SVG),
    ("drawing.mvg", MVG),
    ("drawing.eps", POSTSCRIPT),
    ("drawing.png", POSTSCRIPT),
    ("frame%03d.png", "nothing in particular"),
    ("concat:secret.mp4|secret.mp4", "nothing in particular"),
    ("subfile,,start,0,end,0,,:secret.mp4", "nothing in particular"),
]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A video with sound that no other file may bring in."""
    return write_video(tmp_path / "secret.mp4", options=CLOSED, count=10, silence=1)


@pytest.mark.parametrize("named", ["plainly", "by its path", "by address"])
@pytest.mark.parametrize(("name", "text"), SCRIPTS)
def test_a_script_brings_no_other_file_in(tmp_path: Path, secret: Path, name: str, text: str, named: str) -> None:
    other = {"plainly": secret.name, "by its path": str(secret), "by address": f"file:{secret}"}[named]
    path = tmp_path / name
    path.write_text(text.replace("{other}", other))
    for read in (probe_video, probe_audio, lambda file: next(decode_sound(file)), AudioTrack, probe_photo, load_photo):
        with pytest.raises(REFUSED) as refused:
            read(path)
        assert refused.value.message.startswith(f"{path.name}: ")


def test_the_scripts_would_work_without_the_list(tmp_path: Path, secret: Path) -> None:
    """The list is what holds: FFmpeg alone follows the script."""
    path = tmp_path / "script.mp4"
    path.write_text(CONCAT.replace("{other}", secret.name))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.width == 96
    with pytest.raises(ValueError, match="Invalid argument"):
        open_local(path)


def test_a_sequence_of_pictures_is_not_found_by_its_pattern(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGB", (64, 48)).save(tmp_path / f"frame{number:03d}.png")
    for read in (probe_video, probe_audio, load_photo):
        with pytest.raises(UnreadableMedia, match="no such file"):
            read(tmp_path / "frame%03d.png")


@pytest.mark.parametrize("name", ["http:x.mp4", "concat:a|b.mp4", "data:x.mp4", "100%d.mp4", "pipe:0.mp4", "-i.mp4"])
def test_a_name_is_only_a_name(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    secret.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert probe_video(Path(name)).width == 96
    sound = probe_audio(Path(name))
    assert sound is not None
    assert sound.codec == "aac"


def test_what_keeps_a_file_to_itself_cannot_be_taken_back(tmp_path: Path, secret: Path) -> None:
    path = tmp_path / "script.mp4"
    path.write_text(CONCAT.replace("{other}", secret.name))
    with pytest.raises(ValueError, match="Invalid argument"):
        open_local(path, {"format_whitelist": "concat", "protocol_whitelist": "file,http"})


def _boxes_until(data: bytes, path: list[bytes]) -> list[int]:
    """Offsets of the nested boxes on the way to one."""
    found, at, end = [], 0, len(data)
    for name in path:
        while data[at + 4 : at + 8] != name:
            at += struct.unpack(">I", data[at : at + 4])[0]
            assert at < end
        found.append(at)
        end = at + struct.unpack(">I", data[at : at + 4])[0]
        at += 8
    return found


def with_reference(path: Path, entry: bytes) -> Path:
    """The first track's data reference of a movie whose index is at its end, replaced."""
    data = path.read_bytes()
    chain = _boxes_until(data, [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"])
    start = chain[-1] + 16
    old = struct.unpack(">I", data[start : start + 4])[0]
    grown = len(entry) - old
    out = bytearray(data[:start] + entry + data[start + old :])
    for at in chain:
        out[at : at + 4] = struct.pack(">I", struct.unpack(">I", data[at : at + 4])[0] + grown)
    path.write_bytes(out)
    return path


def alias(target: Path) -> bytes:
    """A Macintosh alias (version 2) to a file, by its absolute and relative names, as mov.c reads it."""
    volume, name = b"disk", target.name.encode()
    record = bytes(4) + struct.pack(">HHH", 0, 2, 0)
    record += bytes([len(volume)]) + volume.ljust(27, b"\0") + bytes(12)
    record += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    record += struct.pack(">HH", 1, 1) + bytes(16)
    for kind, text in ((2, b"disk:" + str(target).lstrip("/").replace("/", ":").encode()), (18, str(target).encode())):
        record += struct.pack(">HH", kind, len(text)) + text + bytes(len(text) % 2)
    record += struct.pack(">HH", 0xFFFF, 0)
    return struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record


def packets(container: "av.container.InputContainer") -> list[bytes]:
    return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def test_a_movie_whose_media_lie_in_another_file_is_refused(tmp_path: Path, secret: Path) -> None:
    movie = with_reference(write_video(tmp_path / "a.mov", options=CLOSED, count=10, size=(64, 48)), alias(secret))
    with av.open(str(movie), options={"enable_drefs": "1", "use_absolute_path": "1"}) as container:
        found = packets(container)
        assert found
        assert all(packet in secret.read_bytes() for packet in found), "the reference works where it is followed"
    with open_local(movie, {"enable_drefs": "1", "use_absolute_path": "1"}) as container:
        assert packets(container) == []
    with pytest.raises(CorruptMedia):
        probe_video(movie)


def test_a_movie_that_names_an_address_is_read_from_its_own_bytes(tmp_path: Path, secret: Path) -> None:
    text = f"file://{secret}".encode() + b"\0"
    movie = write_video(tmp_path / "a.mov", options=CLOSED, count=10, size=(64, 48))
    with_reference(movie, struct.pack(">I4sI", 12 + len(text), b"url ", 0) + text)
    with open_local(movie) as container:
        assert not any(packet in secret.read_bytes() for packet in packets(container))
    assert probe_video(movie).width == 64


def test_postscript_never_starts_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        pytest.fail("a program was started")

    monkeypatch.setattr("subprocess.Popen", start)
    monkeypatch.setattr("os.posix_spawn", start)
    for name in ("a.eps", "a.png", "a.jpg"):
        (tmp_path / name).write_text(POSTSCRIPT)
        with pytest.raises(UnsupportedMedia, match="this is a PostScript document"):
            load_photo(tmp_path / name)


def test_a_music_folder_takes_nothing_from_a_script(tmp_path: Path, secret: Path) -> None:
    (tmp_path / "a.mp3").write_text(CONCAT.replace("{other}", secret.name))
    (track,) = read_folder(tmp_path)
    assert track.title == "a"
    assert track.length() is None


@pytest.mark.parametrize(
    ("name", "codec", "demuxer"),
    [
        ("a.mp3", "libmp3lame", "mp3"),
        ("a.m4a", "aac", "mov"),
        ("a.aac", "aac", "aac"),
        ("a.wav", "pcm_s16le", "wav"),
        ("a.w64", "pcm_s16le", "w64"),
        ("a.flac", "flac", "flac"),
        ("a.ogg", "libopus", "ogg"),
        ("a.aiff", "pcm_s16be", "aiff"),
        ("a.caf", "pcm_s16be", "caf"),
        ("a.mkv", "aac", "matroska"),
        ("a.webm", "libopus", "matroska"),
        ("a.wma", "wmav2", "asf"),
        ("a.ts", "aac", "mpegts"),
    ],
)
def test_sounds_of_every_kind_still_open(tmp_path: Path, name: str, codec: str, demuxer: str) -> None:
    path = write_sound(tmp_path / name, tone(0.5), codec)
    assert demuxer in DEMUXERS
    info = probe_audio(path)
    assert info is not None
    assert len(next(decode_sound(path))) > 0


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "libx264"),
        ("a.m4v", "libx264"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.avi", "mpeg4"),
        ("a.ts", "libx264"),
        ("a.mpg", "mpeg2video"),
        ("a.flv", "flv"),
        ("a.wmv", "wmv2"),
    ],
)
def test_videos_of_every_kind_still_open(tmp_path: Path, name: str, codec: str) -> None:
    info = probe_video(write_video(tmp_path / name, codec, count=5, options=CLOSED if codec == "libx264" else None))
    assert (info.width, info.height) == (96, 64)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_is_asked_for_its_sound_and_has_none(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (32, 24), (n * 60, 0, 0)) for n in range(3)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=100)
    assert probe_audio(tmp_path / name) is None
