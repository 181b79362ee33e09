"""An upload whose look failed: the status tells a client whether the file is to blame, or to send it again."""

from pathlib import Path

import pytest

from api.http.uploads import _look
from api.service import open_service
from api.store import jobs
from api.store.clock import now_ms
from api.store.room import NO_ROOM
from api.store.rows import Job, User
from engine.core.errors import FileNotSupported, NotReady, ServiceError


@pytest.mark.parametrize(
    ("sentence", "kind"), [(NO_ROOM, NotReady), (jobs.LOST, NotReady), (jobs.QUARANTINED, FileNotSupported)]
)
def test_a_file_is_blamed_only_for_what_it_did(tmp_path: Path, sentence: str, kind: type[ServiceError]) -> None:
    service = open_service(tmp_path)
    with service.database.write() as session:
        session.add(User(id="anna", kind="anonymous", created_at=now_ms()))
        session.flush()
        job_id = jobs.submit(session, "analyse", "light", "anna", {})
        row = session.get_one(Job, job_id)
        row.state, row.error = "failed", sentence
    with pytest.raises(kind) as caught:
        _look(service, job_id, "http://host")
    assert caught.value.message == sentence
    service.close()
