"""Random motions, photos, frames and subjects for hypothesis."""

from hypothesis import strategies as st

from engine.motion import EASES, SPEEDS, Motion, Subject

FRAMES = [(1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350), (2560, 1080), (4096, 4096), (16, 4096), (640, 16)]


@st.composite
def photo_sizes(draw):
    """Photos of 16 to 30000 pixels, 1:20 to 20:1."""
    longer = draw(st.integers(16, 30000))
    shorter = max(1, round(longer * draw(st.floats(1 / 20, 1))))
    return (longer, shorter) if draw(st.booleans()) else (shorter, longer)


frame_sizes = st.one_of(st.sampled_from(FRAMES), st.tuples(*[st.integers(8, 2048).map(lambda half: 2 * half)] * 2))
durations = st.one_of(st.floats(0.02, 3), st.floats(3, 20), st.floats(20, 3600))


@st.composite
def subjects(draw):
    """A subject anywhere, of any size, its point anywhere in its box."""
    x0, x1 = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
    y0, y1 = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
    x, y = (
        min(max(low + share * (high - low), low), high)
        for low, high, share in ((x0, x1, draw(st.floats(0, 1))), (y0, y1, draw(st.floats(0, 1))))
    )
    return Subject(x, y, (x0, y0, x1, y1), draw(st.floats(0, 1)))


AMOUNTS = {
    "zoom_in": st.one_of(st.floats(1, 2), st.floats(1, 1e6)),
    "zoom_out": st.one_of(st.floats(0.01, 1), st.floats(1, 1e6)),
    "pan": st.floats(0, 1),
    "rotate": st.one_of(st.floats(0, 5), st.floats(0, 45), st.floats(0, 720)),
    "drift": st.floats(0, 0.2),
    "handheld": st.floats(0, 0.2),
}


@st.composite
def motions(draw):
    """Any combination of moves that do not contradict each other, with any amounts, speed, focus and easing."""
    choices = [
        draw(st.sampled_from([None, "zoom_in", "zoom_out"])),
        draw(st.sampled_from([None, "pan_left", "pan_right"])),
        draw(st.sampled_from([None, "pan_up", "pan_down"])),
        draw(st.sampled_from([None, "rotate_cw", "rotate_ccw"])),
        draw(st.sampled_from([None, "drift"])),
        draw(st.sampled_from([None, "handheld"])),
    ]
    moves = tuple(draw(st.permutations([move for move in choices if move]))) or ("hold",)
    amounts = tuple(
        None
        if move == "hold" or draw(st.booleans())
        else draw(AMOUNTS[move] if move in AMOUNTS else AMOUNTS[move.split("_")[0]])
        for move in moves
    )
    point = st.tuples(st.floats(0, 1), st.floats(0, 1))
    return Motion(
        moves,
        amounts if any(amount is not None for amount in amounts) else None,
        draw(st.sampled_from([None, *SPEEDS])),
        draw(st.one_of(st.none(), st.sampled_from(["subject", "face"]), point)),
        draw(st.sampled_from(EASES)),
    )
