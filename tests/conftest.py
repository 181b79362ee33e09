"""Fixtures that many tests share."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

# torch's idle threads would otherwise spin on the cores that the encoder of another test needs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parent.parent
SHARED_PHOTOS = ROOT.parent / "shared" / "photos"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What hostile texts leave in captured logs must pass between the processes of pytest-xdist, as UTF-8."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests() -> Iterator[None]:
    """No test takes anything from the cache of whoever runs it, or leaves anything there."""
    with tempfile.TemporaryDirectory(prefix="multiplane-cache-") as folder:
        os.environ["MULTIPLANE_CACHE"] = folder
        yield
        del os.environ["MULTIPLANE_CACHE"]


@pytest.fixture(scope="session")
def dandelion() -> Path:
    """The example photo: 5312 x 2988, a dandelion clock in the left third."""
    return ROOT / "examples" / "dandelion.jpg"


@pytest.fixture(scope="session")
def shared_photo() -> Callable[[str], Path]:
    """A photograph from the folder beside the checkout; skips where that folder is not there."""

    def find(name: str) -> Path:
        path = SHARED_PHOTOS / name
        if not path.exists():
            pytest.skip(f"{name} is not beside this checkout")
        return path

    return find
