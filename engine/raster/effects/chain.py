"""The effects of one segment, prepared once."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.effects.affine import AFFINE_LOOKS, AffineStep, Matrix, after
from engine.raster.effects.blur import Blur
from engine.raster.effects.bokeh import bokeh
from engine.raster.effects.cube import read_cube
from engine.raster.effects.dust import dust
from engine.raster.effects.grain import Grain
from engine.raster.effects.hashing import key_of
from engine.raster.effects.light_leak import light_leak
from engine.raster.effects.lut import Look, LutStep, matrix_look, mixed_look, vintage
from engine.raster.effects.rain import rain
from engine.raster.effects.snow import snow
from engine.raster.effects.step import Step
from engine.raster.effects.vignette import Vignette
from engine.raster.unit import picture_unit
from engine.timeline import Effect

_PARTICLES = {"dust": dust, "snow": snow, "rain": rain, "bokeh": bokeh, "light_leak": light_leak}


class EffectChain:
    """Effects in order, as few passes as they need: neighbouring looks of colour are one matrix or one table.

    Args:
        effects: of a segment.
        frame_size: (width, height) of the layer in pixels: what the segment shows when nothing places it elsewhere.
        seed: the rendering's; effects that have one of their own keep it.
        base: the folder that the names of .cube files count from.

    Raises:
        MediaError: a .cube file cannot be used; see :func:`engine.raster.effects.cube.read_cube`.
    """

    def __init__(self, effects: Sequence[Effect], frame_size: tuple[int, int], seed: int, base: Path) -> None:
        self._size = frame_size
        self._steps: list[Step] = []
        self._notes: list[str] = []
        self._run: list[Matrix | Look] = []
        seen: Counter[str] = Counter()
        for effect in effects:
            # A second snow is other snow.
            self._add(effect, key_of(seed if effect.seed is None else effect.seed, seen[effect.name]), base)
            seen[effect.name] += 1
        self._end_run()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about what was done otherwise than asked."""
        return tuple(self._notes)

    @property
    def moves(self) -> bool:
        """Whether a still picture changes from frame to frame under these effects."""
        return any(not isinstance(step, AffineStep | LutStep | Vignette | Blur) for step in self._steps)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._steps)

    def apply(self, frame: YuvFrame, time: Fraction, lens: View | None = None) -> None:
        """Change a frame in place. Safe to call from several threads at once.

        Args:
            frame: the layer, or a part of it; of any even size.
            time: seconds on the timeline: weather does not jump at a cut.
            lens: the part of the layer that the frame shows, in layer pixels; None is all of it, pixel for pixel if
                the sizes agree, else scaled to the frame's size.
        """
        if not self._steps:
            return
        if lens is None:
            width, height = self._size
            lens = View(width / 2, height / 2, height / frame.height)
        for step in self._steps:
            step.apply(frame, time, lens)

    def _add(self, effect: Effect, seed: int, base: Path) -> None:
        name, amount = effect.name, effect.strength
        if amount == 0:
            return
        if name in AFFINE_LOOKS:
            self._run.append(AFFINE_LOOKS[name](amount))
        elif name == "vintage":
            self._run.append(mixed_look(vintage, amount))
        elif name == "lut":
            cube = read_cube(base / (effect.src or ""))
            self._run.append(mixed_look(cube.look, amount))
        else:
            self._end_run()
            self._steps.append(self._step(name, amount, seed))

    def _step(self, name: str, amount: float, seed: int) -> Step:
        if name in _PARTICLES:
            return _PARTICLES[name](amount, self._size, seed)
        if name == "grain":
            return Grain(amount, picture_unit(*self._size), seed)
        if name == "vignette":
            return Vignette(amount, self._size)
        if name == "blur":
            return Blur(amount, picture_unit(*self._size))
        raise ValueError(f"{name!r} is not an effect")

    def _end_run(self) -> None:
        """Turn the looks of colour since the last other effect into one step."""
        run, self._run = self._run, []
        matrices = [look for look in run if not callable(look)]
        if not run:
            return
        if len(matrices) < len(run):
            self._steps.append(LutStep.of([look if callable(look) else matrix_look(look) for look in run]))
            return
        whole = matrices[0]
        for matrix in matrices[1:]:
            whole = after(matrix, whole)
        self._steps.append(AffineStep(whole))
