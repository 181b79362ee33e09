"""OpenTimelineIO: our drafts for other tools, and their timelines for us (https://opentimeline.io).

Everything that OpenTimelineIO has words for is written in them: tracks, clips, gaps, transitions, speed, frozen frames,
markers. Beside it stands the draft's own JSON as metadata under ``multiplane``, so that a draft comes back equal. When
another tool has edited the timeline in between, its edit wins: see ``engine.timeline.otio.reading``.

The library is imported when it is needed, not before.
"""

from engine.timeline.otio.files import read_otio, write_otio
from engine.timeline.otio.reading import OtioDraft, from_otio
from engine.timeline.otio.writing import to_otio

__all__ = ["OtioDraft", "from_otio", "read_otio", "to_otio", "write_otio"]
