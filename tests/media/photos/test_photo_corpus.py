"""Hundreds of broken files: each ends in a photo or in one sentence, never in a crash, a hang or a stray file."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.media.photos.broken_corpus import broken_files, write_corpus

ROOT = Path(__file__).resolve().parents[3]
OUTCOMES = {"Photo", "CorruptMedia", "UnsupportedMedia", "UnreadableMedia", "MediaLimitExceeded"}


def test_the_corpus_is_the_same_every_time():
    assert broken_files(5) == broken_files(5)
    assert broken_files(5) != broken_files(6)


def test_every_broken_file_ends_in_a_photo_or_a_sentence(tmp_path):
    corpus, elsewhere = tmp_path / "corpus", tmp_path / "cwd"
    elsewhere.mkdir()
    count = write_corpus(corpus)
    assert count >= 300
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", "TMPDIR": str(elsewhere)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.media.photos.corpus_child", str(corpus)],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        cwd=elsewhere,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr[-3000:]}"
    verdicts = json.loads(done.stdout)
    assert set(verdicts) == set(before)
    strange = {name: verdict for name, verdict in verdicts.items() if verdict not in OUTCOMES}
    assert strange == {}
    # Nothing written anywhere, nothing changed.
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before
    assert list(elsewhere.iterdir()) == []
    # Nothing but file names on the error stream, except what libtiff prints from C about broken TIFF tables.
    printed = [line for line in done.stderr.splitlines() if line not in before]
    assert [line for line in printed if "TIFF" not in line and "tempfile.tif" not in line] == []
    # The corpus reaches both ends.
    tally = Counter(verdicts.values())
    assert tally["CorruptMedia"] > 100
    assert tally["Photo"] > 20
