"""The protocol's checks over PostgreSQL: the very tests of the other files, on services that keep their rows there.

Left out is what is about files and pictures alone (uploads, and the exports that take long): no row is in it.
"""

from collections.abc import Iterator

import pytest

from tests.service import (
    test_conformance_adk,
    test_conformance_auth,
    test_conformance_chat,
    test_conformance_credits,
    test_conformance_end_to_end,
    test_conformance_renders,
    test_conformance_sessions,
)
from tests.service.conftest import tunings
from tests.service.server import Server
from tests.service.wire import Files
from tests.store.conftest import postgres
from tests.store.databases import PostgresMaker

__all__ = ["postgres"]

MODULES = (
    test_conformance_auth, test_conformance_sessions, test_conformance_chat, test_conformance_credits,
    test_conformance_renders, test_conformance_adk, test_conformance_end_to_end,
)  # fmt: skip

LEFT_OUT = ("test_c41_", "test_c46_", "test_a2_", "test_a4_", "test_a6_")
"""Encoding, a service of the test's own, and the form of events: the same rows as those of other checks."""

for _module in MODULES:
    for _name, _test in vars(_module).items():
        if _name.startswith("test_") and callable(_test) and not _name.startswith(LEFT_OUT):
            globals()[_name] = _test


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresMaker) -> Iterator[Server]:
    """Takes the place of the one that keeps its rows in SQLite."""
    running = Server(
        tmp_path_factory.mktemp("postgres") / "data", MULTIPLANE_DATABASE=postgres.empty(), MULTIPLANE_FETCH_WORKERS="1"
    ).start()
    yield running
    running.close()
    assert not (running.data / "multiplane.db").exists(), "its rows were elsewhere"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresMaker, files: Files) -> Iterator[Server]:
    """In the same way."""
    folder = tmp_path_factory.mktemp("tuned-postgres")
    running = Server(folder / "data", MULTIPLANE_DATABASE=postgres.empty(), **tunings(files)).start()
    yield running
    running.close()
