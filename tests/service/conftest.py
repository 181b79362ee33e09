"""One running service for all tests that do not hurt it, and photographs that are quick to render."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.service.person import Person
from tests.service.server import Server
from tests.service.wire import Files, Member

Meet = Callable[..., Person]

Enrol = Callable[..., Member]

NewServer = Callable[..., Server]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that runs as long as the tests do."""
    running = Server(tmp_path_factory.mktemp("service") / "data", MULTIPLANE_FETCH_WORKERS="1").start()
    yield running
    running.close()


@pytest.fixture
def meet() -> Iterator[Meet]:
    """Makes anonymous users of any service."""
    met: list[Person] = []

    def make(server: Server, client_id: str | None = None) -> Person:
        met.append(Person(server.url, client_id))
        return met[-1]

    yield make
    for one in met:
        one.close()


@pytest.fixture
def person(server: Server, meet: Meet) -> Person:
    """A new anonymous user of the running service."""
    return meet(server)


@pytest.fixture
def enrol() -> Iterator[Enrol]:
    """Makes registered users of any service, of a plan."""
    met: list[Member] = []

    def make(server: Server, plan: str = "free") -> Member:
        met.append(Member(server, plan))
        return met[-1]

    yield make
    for one in met:
        one.close()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes services of the test's own, with settings."""
    made: list[Server] = []

    def make(**settings: str) -> Server:
        made.append(Server(tmp_path / f"data{len(made)}", **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small photograph."""
    path = tmp_path_factory.mktemp("photos") / "pier.jpg"
    Image.effect_noise((640, 360), 40).convert("RGB").save(path)
    return path


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """A site on this machine, whose folder tests put files into."""
    site = Files(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


def tunings(files: Files) -> dict[str, str]:
    """The choices of the protocol that are off by default, short times, and files from the site on this machine."""
    return {
        "MULTIPLANE_FETCH_WORKERS": "1",
        "MULTIPLANE_ANON_REISSUE": "on",
        "MULTIPLANE_ANON_PER_ADDRESS": "10",
        "MULTIPLANE_SILENT_EDITS": "on",
        "MULTIPLANE_MAX_UPLOAD_MB": "1",
        "MULTIPLANE_FETCH_NETWORKS": "127.0.0.0/8",
        "MULTIPLANE_FETCH_PORTS": str(files.port),
        "MULTIPLANE_HEARTBEAT_S": "0.3",
        "MULTIPLANE_STREAM_S": "3",
        "MULTIPLANE_STILL_S": "0.7",
    }


@pytest.fixture(scope="session")
def tuned(tmp_path_factory: pytest.TempPathFactory, files: Files) -> Iterator[Server]:
    """A service with these."""
    running = Server(tmp_path_factory.mktemp("tuned") / "data", **tunings(files)).start()
    yield running
    running.close()
