"""The process at the other end of :class:`pipelines.render.process_crew.ProcessCrew`."""

import ctypes
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

from engine.core.errors import EngineError, MultiplaneError
from engine.timeline import read_draft
from pipelines.render.crew import FrameDone, GopDone
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.scene import prepare

_PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


def main(descriptor: int) -> None:
    """Take orders until the other end is closed."""
    # A process whose parent was killed has nobody to render for.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    link: Connection[Any, Any] = Connection(descriptor)
    try:
        _serve(link)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _serve(link: "Connection[Any, Any]") -> None:
    data, options = link.recv()
    try:
        scene = prepare(read_draft(data), options.base)
        renderer = GopRenderer(scene, options, threads=1)
        encoder = renderer.new_encoder()
        while True:
            for index in link.recv():
                gop = scene.gops[index]
                made = renderer.render(gop, encoder, lambda: link.send(FrameDone()))
                link.send(renderer.notes)
                link.send(GopDone(index, made, renderer.notes_of(gop)))
    except MultiplaneError as error:
        link.send(error)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        # A fault of ours, not a death: another process would only meet it again.
        link.send(
            EngineError(
                f"A part of the video could not be rendered ({type(error).__name__}): run it again with --debug.",
                detail="".join(traceback.format_exception(error)),
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
