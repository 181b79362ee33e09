"""A server that the site's settings allow to fetch from."""

from collections.abc import Iterator

import pytest

from tests.intake.server import Server, running


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """On 127.0.0.1; that one address is opened, and its port is the only one."""
    with running(Server()) as made:
        monkeypatch.setenv("MULTIPLANE_FETCH_NETWORKS", "127.0.0.1/32")
        monkeypatch.setenv("MULTIPLANE_FETCH_PORTS", str(made.port))
        yield made
