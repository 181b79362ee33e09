"""How long the director takes to answer: ordinary sentences, and 10,000 characters of the worst kinds.

python -m benchmarks.director [--each 400] [--output RESULT.json]

The clock is the process's own CPU time, which other programs on the machine disturb less than the wall clock, and
the best of three counts. Ordinary sentences are the labelled instructions of ``tests/director/labels``; the long texts
are made of the phrases of all lexicons, one over and over or many at random, of signs, and of any Unicode.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import load_average, machine
from engine.timeline import History, slideshow
from engine.version import VERSION
from pipelines.director import Asset, Conversation, converse
from pipelines.director.lexicon import languages, lexicon

HERE = Path(__file__).resolve().parent
LABELS = HERE.parent / "tests" / "director" / "labels"

LONGEST = 10_000
"""Characters of a long text."""

RUNS = 3
"""Times that a text is answered; the quickest counts, because the collector of garbage strikes anywhere."""

PHOTOS = ("harbour.jpg", "market.jpg", "portrait.jpg")

SIGNS = ('"', "a,", "1 ", "no ", "“", "a. ", "?!", "9:16 ", "…", "🙂", "e\u0301", "\u202e", "a, b and ", "1, 2, ")


def texts(each: int) -> Iterator[tuple[str, str]]:
    """Kinds of texts, and texts of them."""
    for path in sorted(LABELS.glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield "ordinary sentence", json.loads(line)["turns"][0]
    source = random.Random(0)
    phrases = {}
    for language in languages():
        between = "" if language == "zh" else " "
        phrases[language] = [(between.join(phrase), between) for phrase in sorted(lexicon(language).phrases)]
    for _ in range(each):
        phrase, between = source.choice(phrases[source.choice(list(phrases))])
        yield "one phrase, 10,000 characters", _fill(phrase + source.choice((between, ", ", ". ")))
    for _ in range(each):
        known = phrases[source.choice(list(phrases))]
        yield "random phrases, 10,000 characters", "".join(sum(source.choices(known, k=LONGEST), ()))[:LONGEST]
    for sign in SIGNS:
        yield "one sign, 10,000 characters", _fill(sign)
    for _ in range(each):
        top = source.choice((0x7F, 0x24F, 0x9FFF, 0x1FFFF))
        yield "any Unicode, 10,000 characters", "".join(chr(source.randrange(0x20, top)) for _ in range(LONGEST))


def _fill(unit: str) -> str:
    return (unit * LONGEST)[:LONGEST]


def start() -> tuple[Conversation, list[Asset]]:
    """A conversation about three photos with a title and music, and its files."""
    assets = [Asset(name, width=4000, height=3000) for name in PHOTOS]
    conversation = Conversation(History(slideshow(PHOTOS)))
    _, conversation = converse("title Harbour at the top, calm music", conversation, assets)
    return conversation, assets


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=400, help="texts of each long kind")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    conversation, assets = start()
    for language in languages():  # warm-up: the lexicon is read once a process
        converse("zoom in", conversation, assets, language=language)
    spent: dict[str, list[tuple[float, str]]] = {}
    for kind, text in texts(options.each):
        best = math.inf
        for _ in range(RUNS):
            began = time.process_time()
            converse(text, conversation, assets)
            best = min(best, time.process_time() - began)
        spent.setdefault(kind, []).append((1000 * best, text[:40]))
    result = {
        "schema": "multiplane-benchmark-director-1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load_average(),
        "versions": {"multiplane": VERSION},
        "unit": "ms of CPU time for one turn, best of three",
        "kinds": {
            kind: {
                "texts": len(times),
                "median": round(statistics.median(value for value, _ in times), 3),
                "worst": round(max(times)[0], 3),
                "worst_begins": max(times)[1],
            }
            for kind, times in spent.items()
        },
    }
    output = options.output or HERE / "results" / f"director-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'ms of CPU for one turn':40}{'texts':>8}{'median':>8}{'worst':>8}  the worst begins")
    for kind, times in spent.items():
        middle = statistics.median(value for value, _ in times)
        print(f"{kind:40}{len(times):8}{middle:8.1f}{max(times)[0]:8.1f}  {max(times)[1]!r}")
    print(f"written: {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
