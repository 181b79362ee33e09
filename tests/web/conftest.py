"""A site in this process and its browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.web.app import whole_app
from tests.web.site import Anonymous, Browser


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    opened = open_service(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(whole_app(service), follow_redirects=False) as found:
        yield found


@pytest.fixture
def anonymous(client: TestClient, service: Service) -> Anonymous:
    return Anonymous(client, service)


@pytest.fixture
def browser(client: TestClient) -> Browser:
    """Signed in to a new account."""
    found = Browser(client)
    assert found.register().status_code == 303
    return found
