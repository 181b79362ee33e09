"""The log: one JSON object a line, ids of request, job and user, no secret, no forged line."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from api.ops.context import current_work, note_user, work
from api.ops.logs import MAX_TEXT, JsonFormatter, TextFormatter
from engine.core.errors import EncodeError
from tests.conftest import ROOT

TOKEN = "nmv_usr_" + "aB-9" * 10


class Captured(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter("web"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def last(self) -> dict[str, object]:
        return json.loads(self.lines[-1])


@pytest.fixture
def captured() -> Iterator[Captured]:
    handler, logger = Captured(), logging.getLogger("t")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False
    yield handler
    logger.removeHandler(handler)


LOG = logging.getLogger("t")


def test_a_line_says_when_who_and_what(captured: Captured) -> None:
    LOG.warning("%s of %d", "two", 3, extra={"stage": "paint", "seconds": 1.5})
    line = captured.last
    assert line.pop("time").endswith("Z")
    assert isinstance(line.pop("pid"), int)
    assert line == {
        "level": "warning", "logger": "t", "process": "web", "message": "two of 3", "stage": "paint", "seconds": 1.5,
    }  # fmt: skip


def test_ids_are_there_inside_and_gone_outside(captured: Captured) -> None:
    with work(request_id="r1"), work(job_id="j1"):
        note_user("anon_1")
        LOG.info("inside")
    assert {"request_id": "r1", "job_id": "j1", "user_id": "anon_1"}.items() <= captured.last.items()
    note_user("anon_2")
    LOG.info("outside")
    assert captured.last.keys().isdisjoint({"request_id", "job_id", "user_id"})


def test_a_user_that_another_thread_learns_is_known_to_the_request() -> None:
    import contextvars

    with work(request_id="r1") as mine:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(note_user, "anon_1"))
        thread.start()
        thread.join()
        assert mine is current_work()
        assert mine.user_id == "anon_1"


def test_an_exception_is_one_line_with_its_traceback_and_no_secret(captured: Captured) -> None:
    try:
        try:
            raise ValueError(f"refused: Authorization: Bearer {TOKEN}\nGET /d?sig=abcdefabcdef")
        except ValueError as error:
            raise EncodeError("The encoder failed.", detail="password=hunter2hunter2") from error
    except EncodeError:
        LOG.exception("job failed for %s", TOKEN)
    (text,) = captured.lines
    assert "\n" not in text
    line = captured.last
    assert (line["error"], line["error_code"]) == ("EncodeError", "encode_failed")
    assert "ValueError" in str(line["traceback"])
    assert "test_logs.py" in str(line["traceback"])
    for secret in (TOKEN[8:], "abcdefabcdef", "hunter2"):
        assert secret not in text


def test_a_hostile_text_forges_no_line_and_steers_no_terminal(captured: Captured) -> None:
    hostile = 'x\n{"level":"info"}\r\x1b[2J\u2028\ud800'
    LOG.info("%s", hostile, extra={"name_of_file": hostile})
    (text,) = captured.lines
    assert text.isascii()
    assert len(text.splitlines()) == 1
    assert json.loads(text)["message"] == hostile
    plain = TextFormatter("web").format(logging.LogRecord("t", logging.INFO, __file__, 1, "%s", (hostile,), None))
    assert len(plain.splitlines()) == 1
    assert "\x1b" not in plain


def test_what_a_call_adds_cannot_take_the_place_of_a_member(captured: Captured) -> None:
    with work(request_id="r1"):
        LOG.info("said", extra={"level": "x", "request_id": "forged", "time": 0, "token": TOKEN})
    line = captured.last
    assert (line["level"], line["request_id"]) == ("info", "r1")
    assert line["time"] != 0
    assert TOKEN not in captured.lines[-1]


def test_a_call_with_a_slip_loses_nothing_and_leaks_nothing() -> None:
    text = JsonFormatter("web").format(
        logging.LogRecord("t", logging.INFO, __file__, 1, "%d bytes for", (TOKEN,), None)
    )
    assert "could not be formatted" in text
    assert TOKEN not in text


def test_a_huge_text_is_cut_after_it_was_redacted(captured: Captured) -> None:
    LOG.info("%s", "x" * (MAX_TEXT - 20) + " " + TOKEN * 10 + "x" * 5_000_000)
    assert len(captured.lines[-1]) < MAX_TEXT + 1000
    assert "nmv_usr_a" not in captured.lines[-1]


PROGRAM = """
import logging, threading, warnings
from api.ops.logs import set_up_logging
set_up_logging("worker cpu-0")
logging.getLogger("a").info("hello")
logging.getLogger("a").debug("too light")
warnings.warn("careful")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
logging.getLogger("a").info("odd", extra={"huge": 10 ** 5000})
raise RuntimeError("Bearer SECRET")
""".replace("SECRET", TOKEN)


def run(form: str) -> list[str]:
    environment = {"PATH": "/usr/bin:/bin", "MULTIPLANE_LOG_FORMAT": form, "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert TOKEN not in done.stderr
    return done.stderr.splitlines()


def test_everything_that_a_process_says_is_json() -> None:
    lines = [json.loads(line) for line in run("auto")]  # no terminal: JSON
    assert [line["message"].split(":")[0] for line in lines] == [
        "hello", "<string>", "uncaught exception", "a line of the log was lost", "uncaught exception",
    ]  # fmt: skip
    assert [line.get("error") for line in lines] == [None, None, "ZeroDivisionError", None, "RuntimeError"]
    assert {line["process"] for line in lines if "process" in line} == {"worker cpu-0"}


def test_people_get_plain_lines() -> None:
    lines = run("text")
    assert lines[0].endswith("INFO    worker cpu-0 hello")
    assert "RuntimeError: Bearer [redacted]" in lines[-1]
