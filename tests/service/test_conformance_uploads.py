"""Conformance C15-C20: files in a form and by their addresses, of every kind, refused where they must be, served."""

import io
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import av
import httpx
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from tests.service.conftest import Meet
from tests.service.person import APP, Json, Person
from tests.service.server import Server
from tests.service.wire import Files

PICTURES = ("jpg", "jpeg", "png", "gif", "webp", "heic")

VIDEOS = {"mp4": ("mp4", "libx264"), "mov": ("mov", "libx264"), "avi": ("avi", "mpeg4"), "webm": ("webm", "libvpx"),
          "mkv": ("matroska", "libx264")}  # fmt: skip

SOUNDS = {"mp3": ("mp3", "libmp3lame"), "wav": ("wav", "pcm_s16le"), "m4a": ("ipod", "aac"), "aac": ("adts", "aac")}


def make_picture(path: Path, kind: str) -> None:
    picture = Image.effect_noise((64, 48), 40).convert("RGB")
    if kind == "heic":
        pillow_heif.from_pillow(picture).save(path)
    else:
        picture.save(path, {"jpg": "jpeg"}.get(kind, kind))


def make_video(path: Path, form: str, codec: str) -> None:
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def make_sound(path: Path, form: str, codec: str) -> None:
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=44100)
        stream.layout = "mono"
        wave = (8000 * np.sin(np.arange(44100) * 0.06)).astype(np.int16)
        for start in range(0, 44100, 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small real file of every kind, by its extension; HEIC and upper case as well."""
    folder = tmp_path_factory.mktemp("media")
    made = {kind: folder / f"sample.{kind}" for kind in (*PICTURES, *VIDEOS, *SOUNDS)}
    for kind in PICTURES:
        make_picture(made[kind], kind)
    for kind, (form, codec) in VIDEOS.items():
        make_video(made[kind], form, codec)
    for kind, (form, codec) in SOUNDS.items():
        make_sound(made[kind], form, codec)
    made["JPG"] = folder / "UPPER.JPG"
    shutil.copy(made["jpg"], made["JPG"])
    return made


def by_address(person: Person, *urls: str, content_type: str | None = "application/json") -> httpx.Response:
    body = json.dumps({"urls": urls, "source_type": "url"})
    # What curl -d sends without a header of its own.
    headers = {"Content-Type": content_type or "application/x-www-form-urlencoded"}
    return person.http.post(f"/api/upload-video/{APP}/me/{person.session}", content=body, headers=headers)


def check_file(found: Json, kind: str) -> None:
    assert all(found[name] for name in ("filename", "file_type", "cdn_url", "url", "id", "hash", "size"))
    assert found["file_type"] == kind
    if kind in ("image", "video"):
        assert (found["width"], found["height"]) == (64, 48)
    if kind in ("audio", "video"):
        assert found["duration"] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(
    ("field", "kinds"), [("files", ["mp4"]), ("files", ["jpg", "mp4", "mp3"]), ("file", ["jpg"]), ("files[]", ["png"]),
                         ("video", ["mov"])],
)  # fmt: skip
def test_c15_a_form_holds_files(person: Person, media: dict[str, Path], field: str, kinds: list[str]) -> None:
    answer = person.upload(*(media[kind] for kind in kinds), field=field)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (200, 0)
    assert body["data"]["files"] == body["data"]["uploaded_files"]
    assert body["url"] == body["data"]["files"][0]["url"]
    assert len(body["data"]["files"]) == len(kinds)
    for found, kind in zip(body["data"]["files"], kinds, strict=True):
        check_file(found, "image" if kind in PICTURES else "video" if kind in VIDEOS else "audio")


@pytest.mark.parametrize("content_type", ["application/json", None])
def test_c16_files_are_fetched_by_their_addresses(
    tuned: Server, meet: Meet, files: Files, media: dict[str, Path], content_type: str | None
) -> None:
    for kind in ("jpg", "mp4"):
        shutil.copy(media[kind], files.folder)
    person = meet(tuned)
    answer = by_address(person, f"{files.url}/sample.jpg", f"{files.url}/sample.mp4", content_type=content_type)
    assert answer.json()["code"] == 0, answer.text
    found = answer.json()["data"]["files"]
    assert [each["filename"] for each in found] == ["sample.jpg", "sample.mp4"]
    check_file(found[0], "image")
    check_file(found[1], "video")
    missing = by_address(person, f"{files.url}/missing.jpg", content_type=content_type)
    assert missing.json()["code"] != 0
    assert "404" in missing.json()["message"]
    nowhere = by_address(person, f"http://studio.invalid:{files.port}/pier.jpg", content_type=content_type)
    assert nowhere.json()["code"] != 0
    assert nowhere.json()["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "localhost", "[::1]", "0x7f000001"])
def test_c16_an_address_inside_the_studio_is_refused(person: Person, host: str) -> None:
    answer = by_address(person, f"http://{host}:8080/pier.jpg")
    assert answer.status_code >= 400
    assert answer.json()["code"] != 0
    assert len(answer.json()["message"]) > 10
    assert person.state()["state"]["video_infos"] == []


def test_c17_every_kind_that_is_promised_is_taken(person: Person, media: dict[str, Path]) -> None:
    answer = person.upload(*media.values())
    assert answer.json()["code"] == 0, answer.text
    found = {each["filename"]: each for each in answer.json()["data"]["files"]}
    for kind, path in media.items():
        check_file(found[path.name], "video" if kind in VIDEOS else "audio" if kind in SOUNDS else "image")
        got = person.http.get(found[path.name]["url"])
        assert got.content == path.read_bytes(), kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tool.exe", b"MZ\x90\x00" + bytes(200)),
        ("notes.txt", b"just some words\n" * 20),
        ("words.jpg", b"just some words\n" * 20),
        ("words.mp4", b"just some words\n" * 20),
        ("page.png", b"<!DOCTYPE html><html><script>alert(1)</script></html>"),
        ("tool.mp4", b"MZ\x90\x00" + bytes(200)),
        ("noise.mp3", bytes(range(256)) * 8),
    ],
)
def test_c17_what_is_no_medium_is_refused(person: Person, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    answer = person.upload(tmp_path / name)
    assert (answer.status_code, answer.json()["code"]) == (415, 4001)
    assert "JPG" in answer.json()["message"], "the formats are named"
    assert person.state()["state"]["video_infos"] == []


PLAYLISTS = {
    "ffconcat": "ffconcat version 1.0\nfile '{other}'\n",
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n",
    "mpd": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'><Period><AdaptationSet>"
    "<Representation id='1' bandwidth='1'><BaseURL>{other}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
}


@pytest.mark.parametrize("form", PLAYLISTS)
@pytest.mark.parametrize("kind", ["", "mp4", "mp3"])
def test_c17_a_list_of_other_files_opens_none_of_them(
    person: Person, media: dict[str, Path], files: Files, tmp_path: Path, form: str, kind: str
) -> None:
    for other in (str(media["mp4"]), f"file://{media['mp4']}", f"{files.url}/secret.mp4"):
        listed = tmp_path / f"list.{kind or form}"
        listed.write_text(PLAYLISTS[form].format(other=other))
        answer = person.upload(listed)
        assert (answer.status_code, answer.json()["code"]) == (415, 4001), answer.text
    assert person.state()["state"]["video_infos"] == []
    assert "/secret.mp4" not in files.asked, "nobody went for it"


@pytest.mark.parametrize(("kind", "name"), [("jpg", "a.mp4"), ("mp4", "a.jpg"), ("mp3", "a.png")])
def test_c17_a_name_that_contradicts_the_content_is_refused(
    person: Person, media: dict[str, Path], kind: str, name: str
) -> None:
    answer = person.upload(media[kind], names=(name,))
    assert (answer.status_code, answer.json()["code"]) == (415, 4001), answer.text


@pytest.mark.parametrize("kind", ["jpg", "mp4"])
def test_c17_a_file_that_is_cut_off_is_refused(
    person: Person, media: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(media[kind].read_bytes()[:300])
    assert person.upload(cut).json()["code"] == 4001
    assert person.upload(media["jpg"]).json()["code"] == 0, "the next one is taken"


def test_c18_a_file_over_the_cap_is_refused_in_json(
    tuned: Server, meet: Meet, media: dict[str, Path], tmp_path: Path
) -> None:
    person = meet(tuned)
    large = tmp_path / "large.jpg"
    large.write_bytes(media["jpg"].read_bytes() + bytes(3_000_000))
    answer = person.upload(large)
    assert (answer.status_code, answer.json()["code"]) == (413, 4002)
    # The same client goes on.
    assert person.upload(media["jpg"]).json()["code"] == 0
    assert len(person.state()["state"]["video_infos"]) == 1


def test_c18_an_empty_file_is_refused(person: Person, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    answer = person.upload(tmp_path / "empty.jpg")
    assert answer.json()["code"] in (4001, 400)
    assert answer.status_code in (415, 400)


def test_c19_a_file_is_in_the_state_at_once_and_anybody_with_its_url_may_read(
    person: Person, media: dict[str, Path]
) -> None:
    body = person.upload(media["mp4"]).json()
    assert body["data"]["session_state_applied"] is True
    (known,) = person.state()["state"]["video_infos"]
    assert known == body["data"]["files"][0]
    data = media["mp4"].read_bytes()
    whole = httpx.get(known["cdn_url"])
    assert (whole.status_code, whole.headers["content-type"], whole.content) == (200, "video/mp4", data)
    part = httpx.get(known["cdn_url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}"


@pytest.mark.parametrize(
    "name", ["two words.jpg", "Пирс 埠頭 🌊.jpg", "it's \"quoted\".jpg", "../../etc/passwd.jpg", "..\\up.jpg",
             "a%2Fb?c#d.jpg", "<b>.jpg", "x" * 300 + ".jpg"],
)  # fmt: skip
def test_c20_any_name_is_stored_safely(person: Person, server: Server, media: dict[str, Path], name: str) -> None:
    before = {path for path in server.data.parent.rglob("*") if path.suffix == ".jpg"}
    # As curl writes it: httpx would escape more.
    boundary = "b0undary"
    shown = name.replace("\\", "\\\\").replace('"', '\\"')
    body = io.BytesIO()
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{shown}"\r\n\r\n'.encode())
    body.write(media["jpg"].read_bytes())
    body.write(f"\r\n--{boundary}--\r\n".encode())
    answer = person.http.post(
        f"/api/upload-video/{APP}/me/{person.session}", content=body.getvalue(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )  # fmt: skip
    (found,) = answer.json()["data"]["files"]
    assert "/" not in found["filename"]
    assert "\\" not in found["filename"]
    assert found["filename"].endswith(".jpg")
    assert " " not in found["url"]
    assert urlsplit(found["url"]).fragment == ""
    got = httpx.get(found["url"])
    assert (got.status_code, got.content) == (200, media["jpg"].read_bytes())
    after = {path for path in server.data.parent.rglob("*") if path.suffix == ".jpg"}
    assert before == after, "no file on the disk is called as the client likes"
