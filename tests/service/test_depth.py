"""Photos in depth over HTTP: in a confined worker, from a sentence or a client's own draft, with what is installed."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from api.editing.effort import check_effort
from api.store.blobs import BlobStore
from api.work import rendering
from api.work.rendering import SCENE_PATIENCE
from api.work.task import TaskContext
from engine.core.errors import BadRequest, Cancelled
from engine.packs import installed
from engine.timeline import read_draft
from pipelines.parallax.depth import UNMASKED
from pipelines.parallax.source import GUESSED
from tests.helpers_mp4 import read_frames
from tests.service.conftest import Meet, NewServer
from tests.service.person import Json, Person
from tests.service.server import Server, wait_for
from tests.service.wire import RENDER_WORKER

SIZE = (640, 360)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of a ball before a wall, over ground."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    # Blocks, which a small canvas still shows.
    pixels = np.kron(np.random.default_rng(4).integers(90, 170, (18, 32, 3)), np.ones((20, 20, 1)))
    pixels[240:] *= 0.6
    ball = np.hypot(x - 320, y - 190) < 90
    pixels[ball] = (230, 60, 40) + 20 * np.cos((x - 320)[ball] / 60)[:, None]
    path = tmp_path_factory.mktemp("street") / "street.jpg"
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path, quality=95)
    return path


def depth_map(path: Path, near: float, far: float) -> Path:
    """A 16-bit map: the ball, and all the rest."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    values = np.where(np.hypot(x - 320, y - 190) < 90, near, far) * 65535
    Image.fromarray(values.astype(np.uint16)).save(path)
    return path


def in_depth(url: str, move: str = "truck_left", **motion: str) -> Json:
    """A draft as a client may write it."""
    segment = {"s": 0, "d": 1000, "src": url, "mo": {"move": move, "with": "parallax", **motion}}
    return {"v": 2, "d": 1000, "w": 320, "h": 180, "fps": 30, "t": [{"tt": 0, "sg": [segment]}]}


def shown(ended: Json, folder: Path) -> list[NDArray[np.int16]]:
    """The luma of every frame of an export."""
    assert ended["status"] == "completed", ended
    path = folder / f"{ended['id']}.mp4"
    path.write_bytes(httpx.get(ended["output"]["url"]).content)
    return [frame.y.astype(np.int16) for frame in read_frames(path)]


def apart(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The mean difference of two frames in codes."""
    return float(np.abs(one - other).mean())


def told(events: list[Json]) -> list[str]:
    """The notes of a generation."""
    parts = [part for event in events for part in event.get("content", {}).get("parts", [])]
    answers: list[dict[str, Any]] = [
        part["functionResponse"]["response"] for part in parts if "functionResponse" in part
    ]
    return [note for answer in answers for note in answer.get("notes", [])]


def test_a_sentence_brings_a_photo_into_depth_in_a_confined_worker(
    server: Server, person: Person, street: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MULTIPLANE_PACKS", raising=False)  # the service of the tests looks where everybody's packs are
    person.upload(street)
    events = person.say("3D parallax, slow push in, 1 second")
    draft = person.draft()
    assert draft["t"][0]["sg"][0]["mo"]["with"] == "parallax"
    assert f"street.jpg: {GUESSED}" in told(events), "a generation says that the depth is a guess"
    worker = Path(f"/proc/{server.pid_of(RENDER_WORKER)}")
    assert "Seccomp:\t2" in (worker / "status").read_text(), "it was made behind the wall"
    person.order("push", draft | {"w": 320, "h": 180})
    ended = person.wait("push")
    frames = shown(ended, tmp_path)
    assert len(frames) == 30
    assert apart(frames[0], frames[-1]) > 2, "the camera moves"
    # The pack of the subject mask is used where this machine has it, and its absence is told where it has not.
    assert (UNMASKED in str(ended["output"]["notes"])) == (installed("u2netp") is None)
    assert ("onnxruntime" in (worker / "maps").read_text()) == (installed("u2netp") is not None)


def test_a_client_names_the_depth_map_that_it_sent(person: Person, street: Path, tmp_path: Path) -> None:
    photo = person.upload(street).json()["url"]
    maps = {"near": (0.9, 0.2), "far": (0.2, 0.9)}
    frames = {}
    for name, values in maps.items():
        url = person.upload(depth_map(tmp_path / f"{name}.png", *values)).json()["url"]
        person.order(f"with-{name}", in_depth(photo, depth=url, speed="fast"))
        ended = person.wait(f"with-{name}")
        frames[name] = shown(ended, tmp_path)
        assert GUESSED not in str(ended["output"]["notes"])
    assert apart(frames["near"][0], frames["far"][0]) > 1, "the ball goes with what is near, or with what is far"
    person.order("still", in_depth(photo, "hold"))
    still = shown(person.wait("still"), tmp_path)
    for moving in frames.values():
        assert apart(moving[0], moving[-1]) > 5 * apart(still[0], still[-1]) + 0.5, "the camera moves"


def test_depth_maps_of_others_and_of_another_shape_are_refused(
    server: Server, person: Person, meet: Meet, street: Path, photo: Path, tmp_path: Path
) -> None:
    url = person.upload(street).json()["url"]
    theirs = meet(server).upload(depth_map(tmp_path / "theirs.png", 1, 0)).json()["url"]
    person.order("stolen", in_depth(url, depth=theirs))
    assert "no file of yours" in person.wait("stolen")["error"]
    Image.new("L", (100, 300), 90).save(tmp_path / "tall.png")
    tall = person.upload(tmp_path / "tall.png").json()["url"]
    person.order("tall", in_depth(url, depth=tall))
    assert person.wait("tall")["error"].startswith("tall.png: "), "it is told by the name that its owner gave it"


def test_without_packs_a_video_in_depth_is_made_and_says_what_is_missing(
    new_server: NewServer, meet: Meet, street: Path, tmp_path: Path
) -> None:
    server = new_server(MULTIPLANE_PACKS=str(tmp_path / "none")).start()
    person = meet(server)
    draft = in_depth(person.upload(street).json()["url"])
    person.order("plain", draft)
    ended = person.wait("plain")
    assert f"street.jpg: {UNMASKED}" in ended["output"]["notes"]
    person.order("again", draft)
    assert person.wait("again")["output"]["notes"] == ended["output"]["notes"], "what comes from the cache says so too"


@pytest.mark.parametrize(("method", "times"), [("parallax", SCENE_PATIENCE), ("kenburns", 1.0)])
def test_a_scene_may_take_longer_than_other_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, times: float
) -> None:
    """No frame is finished while a photo is taken apart: that is no hang."""
    context = TaskContext("job", "user", BlobStore(f"file://{tmp_path / 'blobs'}", tmp_path), tmp_path)
    seen: list[float] = []

    def look(*_: object) -> None:
        seen.append(context.patience)
        raise Cancelled("enough")

    monkeypatch.setattr(rendering, "render_draft", look)
    draft = in_depth("color:#336699", "hold")
    draft["t"][0]["sg"][0]["mo"]["with"] = method
    with pytest.raises(Cancelled):
        rendering.render(context, {"draft": draft})
    assert seen == [times]
    assert context.patience == 1


def test_photos_in_depth_count_as_the_work_that_they_are() -> None:
    draft = read_draft(in_depth("color:#336699", "hold"))
    (track,) = draft.tracks
    many = replace(draft, tracks=(replace(track, segments=track.segments * 240),))
    with pytest.raises(BadRequest, match=r"or fewer of its photos in depth \(15 s each\)\.$"):
        check_effort(many)
    check_effort(replace(draft, tracks=(replace(track, segments=track.segments * 239),)))


def test_cancelling_while_a_photo_is_taken_apart_ends_it_at_once(
    server: Server, person: Person, dandelion: Path
) -> None:
    draft = in_depth(person.upload(dandelion).json()["url"], "orbit_left") | {"w": 1920, "h": 1080}
    assert person.order("stop", draft).status_code == httpx.codes.OK
    wait_for(lambda: person.poll("stop")["status"] == "processing", 60)
    time.sleep(0.5)
    person.http.post("/api/render/proxy/lambda/stop/cancel")
    wait_for(lambda: server.job_states("render")[-1] == "cancelled", 10)
    person.order("next", in_depth("color:#336699", "hold"))
    assert person.wait("next")["status"] == "completed"
