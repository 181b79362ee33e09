"""A hundred broken files: each ends in pictures or in one sentence, never in a crash, a hang or a stray file."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.media.video.broken_videos import write_corpus

ROOT = Path(__file__).resolve().parents[3]
OUTCOMES = {"Video", "CorruptMedia", "UnsupportedMedia", "UnreadableMedia", "MediaLimitExceeded"}


def test_every_broken_file_ends_in_pictures_or_a_sentence(tmp_path):
    corpus, scratch, elsewhere = tmp_path / "corpus", tmp_path / "good", tmp_path / "cwd"
    for folder in (corpus, scratch, elsewhere):
        folder.mkdir()
    count = write_corpus(corpus, scratch)
    assert count >= 100
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", "TMPDIR": str(elsewhere)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.media.video.broken_videos", str(corpus)],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        cwd=elsewhere,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    verdicts = json.loads(done.stdout)
    assert set(verdicts) == set(before)
    assert {name: verdict for name, verdict in verdicts.items() if verdict not in OUTCOMES} == {}
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before
    assert list(elsewhere.iterdir()) == []
    tally = Counter(verdicts.values())
    assert tally["CorruptMedia"] > 10
    assert tally["Video"] > 40
