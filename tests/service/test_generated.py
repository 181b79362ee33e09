"""Generated clips over HTTP: a real server whose processor runs a tiny random model, and workers that are killed."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from api.service import open_service
from api.store import jobs
from api.store.rows import Job
from engine.packs import find_pack, import_pack
from tests.helpers_mp4 import read_frames
from tests.models.tiny_svd import write_tiny_svd
from tests.service.conftest import Meet
from tests.service.person import Json, Person, words
from tests.service.server import Server, wait_for
from tests.service.wire import RENDER_WORKER

pytest.importorskip("diffusers")

MADE = {"preset": "balanced", "model": "svd", "licence": "LicenseRef-Stability-AI-Community"}

LICENCES = {"MULTIPLANE_LICENCES": "*"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that may generate on its processor, with a model of 4 MB, and a cache that tests may clear."""
    root = tmp_path_factory.mktemp("site")
    packs = root / "packs"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"MULTIPLANE_PACKS": str(packs), **LICENCES}.items():
            patch.setenv(name, value)
        import_pack(find_pack("svd"), write_tiny_svd(root / "svd"))
    running = Server(
        root / "data",
        MULTIPLANE_PACKS=str(packs),
        MULTIPLANE_CACHE=str(root / "cache"),
        MULTIPLANE_MODEL_DEVICE="cpu",
        **LICENCES,
    ).start()
    yield running
    running.close()


@pytest.fixture
def somebody(site: Server, meet: Meet) -> Person:
    return meet(site)


def alive(url: str, shot: str = "p1", **motion: object) -> Json:
    """A draft as a client may write it: one photo that a model brings to life."""
    segment = {"s": 0, "d": 500, "id": shot, "src": url}
    segment["mo"] = {"move": "hold", "with": "diffusion", "quality": "draft", **motion}
    return {"v": 2, "d": 500, "w": 64, "h": 36, "fps": 30, "t": [{"tt": 0, "sg": [segment]}]}


def clear_cache(site: Server) -> None:
    shutil.rmtree(site.settings["MULTIPLANE_CACHE"])


def media(person: Person) -> list[Json]:
    found: list[Json] = person.state()["state"]["generated_media"]
    return found


def rendered(site: Server) -> Json:
    """What the worker said of its last rendering."""
    return [line for line in site.records() if line.get("message") == "rendered"][-1]


def job_of(site: Server, user_id: str) -> Job:
    """The last job of a user."""
    service = open_service(site.data)
    try:
        with service.database.read() as session:
            found = session.scalars(
                select(Job).where(Job.user_id == user_id, Job.kind.in_(("render", "generate"))).order_by(Job.created_at)
            ).all()
    finally:
        service.close()
    return found[-1]


def shown(url: str, folder: Path) -> NDArray[np.uint8]:
    """The luma of the frames of a video, (N, H, W)."""
    (folder / "clip.mp4").write_bytes(httpx.get(url).content)
    return np.stack([frame.y for frame in read_frames(folder / "clip.mp4")])


@contextmanager
def without_models(site: Server) -> Iterator[None]:
    packs = Path(site.settings["MULTIPLANE_PACKS"])
    packs.rename(packs.with_name("elsewhere"))
    try:
        yield
    finally:
        packs.with_name("elsewhere").rename(packs)


def test_words_bring_a_photo_to_life_and_the_clip_is_a_file_of_the_session(
    site: Server, somebody: Person, photo: Path
) -> None:
    somebody.upload(photo)
    somebody.say("bring it to life with AI, half a second, 320x180")
    assert somebody.draft()["t"][0]["sg"][0]["mo"]["with"] == "diffusion"
    clip, video = media(somebody)
    facts = {name: clip[name] for name in ("preset", "model", "licence", "prompt", "width", "height", "type")}
    assert facts == {**MADE, "prompt": "bring it to life with AI, half a second, 320x180",
                     "width": 320, "height": 180, "type": "video"}  # fmt: skip
    assert isinstance(clip["seed"], int)
    assert (video["seed"], video["model"]) == (None, None), "the video itself is no model's"
    answer = httpx.get(clip["url"])
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"
    assert job_of(site, somebody.id).lane == "gpu"
    worker = Path(f"/proc/{site.pid_of(RENDER_WORKER)}")
    assert "Seccomp:\t2" in (worker / "status").read_text(), "it was generated behind the wall"
    assert b"HF_HUB_OFFLINE=1\0" in (worker / "environ").read_bytes()
    assert rendered(site)["generated"] == 1


def test_a_clip_is_not_generated_again_when_the_cache_has_lost_it(site: Server, somebody: Person, photo: Path) -> None:
    draft = alive(somebody.upload(photo).json()["url"])
    somebody.order("first", draft)
    assert somebody.wait("first")["status"] == "completed"
    assert rendered(site)["generated"] == 1
    (clip,) = media(somebody)
    clear_cache(site)
    somebody.order("second", draft, output={"quality": "low"})
    ended = somebody.wait("second")
    assert ended["status"] == "completed"
    told = rendered(site)
    assert (told["generated"], told["clips_reused"], told["clips_brought"]) == (0, 1, 1)
    assert media(somebody) == [{**clip, "url": media(somebody)[0]["url"], "cdn_url": media(somebody)[0]["cdn_url"]}]
    assert ended["output"]["notes"] == somebody.wait("first")["output"]["notes"], "what is told of a clip stays told"


def test_a_session_has_the_clip_of_a_video_that_was_finished_for_another(
    somebody: Person, site: Server, meet: Meet, photo: Path
) -> None:
    other = meet(site)
    for person in (somebody, other):
        name = f"finished-{person.id}"
        person.order(name, alive(person.upload(photo).json()["url"], "p4"))
        assert person.wait(name)["status"] == "completed"
    told = rendered(site)
    assert (told["gops"], told["reused"], told["generated"]) == (1, 1, 0), "nothing was made"
    (one,), (same,) = media(somebody), media(other)
    assert {**one, "id": 0, "url": "", "cdn_url": "", "created_at": ""} == {
        **same, "id": 0, "url": "", "cdn_url": "", "created_at": "",
    }  # fmt: skip
    assert httpx.get(one["url"]).content == httpx.get(same["url"]).content


def test_a_generation_outlives_its_worker_and_a_seed_gives_the_same_clip(
    site: Server, somebody: Person, meet: Meet, photo: Path, tmp_path: Path
) -> None:
    draft = alive(somebody.upload(photo).json()["url"], "p2", quality="exact")
    before = site.pid_of(RENDER_WORKER)
    somebody.order("killed", draft)
    checkpoints = Path(site.settings["MULTIPLANE_CACHE"], "denoising")
    wait_for(lambda: [path for path in checkpoints.glob("*/*") if path.suffix != ".part"], 60)
    os.kill(before, signal.SIGKILL)
    assert somebody.wait("killed")["status"] == "completed"
    assert site.pid_of(RENDER_WORKER) != before
    resumed = rendered(site)["generated_from"]
    clear_cache(site)
    other = meet(site)
    other.order("whole", alive(other.upload(photo).json()["url"], "p2", quality="exact"))
    assert other.wait("whole")["status"] == "completed"
    assert rendered(site)["generated"] == 1
    assert resumed > 5 * rendered(site)["generated_from"], "steps that were done were not done again"
    (resumed_clip,), (whole_clip,) = media(somebody), media(other)
    assert resumed_clip["seed"] == whole_clip["seed"]
    frames = shown(resumed_clip["url"], tmp_path)
    # The files differ in the time of their making, which MP4 notes; the pictures do not at all.
    assert np.array_equal(frames, shown(whole_clip["url"], tmp_path)), "an interruption changes nothing"
    other.order("else", alive(other.upload(photo).json()["url"], "p3", quality="exact"))
    assert other.wait("else")["status"] == "completed"
    another = media(other)[-1]
    assert another["seed"] != whole_clip["seed"]
    assert not np.array_equal(frames, shown(another["url"], tmp_path)), "another seed makes another clip"


def test_a_generation_is_cancelled_within_a_step_and_costs_nothing(site: Server, somebody: Person, photo: Path) -> None:
    somebody.upload(photo)
    before = somebody.balance()
    heard: list[str] = []
    talk = threading.Thread(target=lambda: heard.extend(words(somebody.say("bring it to life with AI, 3 s, 640x360"))))
    worker = site.pid_of(RENDER_WORKER)
    talk.start()
    wait_for(lambda: site.job_states("generate")[-1:] == ["running"], 60)
    wait_for(lambda: job_of(site, somebody.id).progress > 0, 60)
    job = job_of(site, somebody.id)
    assert job.stage == "generating"
    service = open_service(site.data)
    with service.database.write() as session:
        jobs.request_cancel(session, job.id)
    service.close()
    talk.join(30)
    assert job_of(site, somebody.id).state == "cancelled"
    assert heard[-1] == "cancelled"
    assert somebody.balance() == before
    assert site.pid_of(RENDER_WORKER) == worker, "it stopped by itself: its model could stay"
    assert media(somebody) == []


def test_without_a_model_words_get_depth_and_drafts_are_told_what_is_missing(
    site: Server, somebody: Person, photo: Path
) -> None:
    url = somebody.upload(photo).json()["url"]
    with without_models(site):
        said = words(somebody.say("bring it to life with AI, half a second, 320x180"))
        assert "no image-to-video model is installed" in " ".join(said)
        assert somebody.draft()["t"][0]["sg"][0]["mo"]["with"] == "parallax"
        somebody.order("nothing", alive(url, "p9"))
        ended = somebody.wait("nothing")
    assert ended["status"] == "failed"
    assert "no model for it is installed" in ended["error"]
    assert media(somebody)[-1]["model"] is None
