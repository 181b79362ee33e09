"""The estimate of the subject finds what anybody would point at, and admits when there is nothing."""

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.motion import SaliencyFinder, Subject


def overlap(box, other):
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    height = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    both = width * height
    return both / ((box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1]) - both)


def inside(subject, box):
    return box[0] <= subject.x <= box[2] and box[1] <= subject.y <= box[3]


def grass(height, width, seed=0):
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(0, 30, (height, width, 3)), (0, 0), 4) * 3
    return np.clip(np.array([70, 110, 50]) + noise, 0, 255).astype(np.uint8)


def sky(height, width):
    ramp = np.linspace(0, 1, height)[:, None, None]
    row = (1 - ramp) * np.array([60, 110, 200]) + ramp * np.array([200, 220, 240])
    return np.broadcast_to(row, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("background", [grass, sky])
@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (0.2, 0.3), (0.8, 0.7), (0.3, 0.8), (0.75, 0.2)])
@pytest.mark.parametrize("size", [(600, 900), (900, 600)])
def test_an_object_on_a_background_is_found(background, x, y, size):
    height, width = size
    rgb = background(height, width).copy()
    radius = 70
    cv2.circle(rgb, (round(x * width), round(y * height)), radius, (220, 60, 40), -1)
    subject = SaliencyFinder().find(rgb)
    truth = (x - radius / width, y - radius / height, x + radius / width, y + radius / height)
    assert inside(subject, truth)
    assert overlap(subject.box, truth) > 0.4
    assert subject.confidence > 0.5


def test_a_sharp_object_wins_over_a_blurred_one():
    rgb = grass(600, 900)
    rng = np.random.default_rng(1)
    blurred = rgb.copy()
    cv2.circle(blurred, (650, 300), 90, (210, 190, 160), -1)
    rgb = cv2.GaussianBlur(blurred, (0, 0), 12)
    spots = np.zeros(rgb.shape[:2], np.uint8)
    cv2.circle(spots, (250, 300), 90, 255, -1)
    texture = np.clip(np.array([210, 190, 160]) + rng.normal(0, 40, rgb.shape), 0, 255).astype(np.uint8)
    rgb = np.where(spots[..., None] > 0, texture, rgb)
    assert inside(SaliencyFinder().find(rgb), (0.15, 0.3, 0.4, 0.7))


@pytest.mark.parametrize(
    "rgb",
    [
        np.full((300, 400, 3), 128, np.uint8),
        np.zeros((40, 4000, 3), np.uint8),
        np.repeat(np.linspace(0, 255, 400).astype(np.uint8)[None, :, None], 300, 0).repeat(3, 2),
        np.random.default_rng(3).integers(118, 138, (300, 400, 3), dtype=np.uint8),
        np.full((1, 1, 3), 9, np.uint8),
        np.full((3, 500, 3), 9, np.uint8),
    ],
    ids=["grey", "black strip", "ramp", "faint noise", "one pixel", "three rows"],
)
def test_a_photo_without_a_subject_answers_the_middle_without_confidence(rgb):
    subject = SaliencyFinder().find(rgb)
    assert subject.confidence < 0.3
    assert abs(subject.x - 0.5) < 0.1
    assert abs(subject.y - 0.5) < 0.1
    assert subject.box[2] - subject.box[0] > 0.6


@pytest.mark.parametrize("size", [(8, 8), (9, 700), (700, 8), (33, 64), (5000, 250)])
def test_any_shape_gives_a_subject(size):
    rgb = np.random.default_rng(5).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert isinstance(SaliencyFinder().find(rgb), Subject)


LABELS = {
    "dandelion.jpg": ((0.14, 0.08, 0.45, 0.57), 0.4),
    "fig.jpg": ((0.41, 0.35, 0.7, 0.75), 0.35),
    "friends.jpg": ((0.31, 0.23, 0.68, 0.66), 0.6),
}
"""Boxes drawn by hand around the flower, the fig and the two dogs, and the overlap that is asked for."""


@pytest.mark.shared
@pytest.mark.parametrize("name", LABELS)
def test_the_subject_of_a_real_photo_is_found(name, shared_photo):
    rgb = np.asarray(Image.open(shared_photo(name)).convert("RGB"))
    subject = SaliencyFinder().find(rgb)
    box, least = LABELS[name]
    assert inside(subject, box)
    assert overlap(subject.box, box) > least
    assert subject.confidence > 0.5


def test_the_answer_is_the_same_at_any_decoded_size_and_every_time(dandelion):
    with Image.open(dandelion) as photo:
        photo.draft("RGB", (2656, 1494))
        half = np.asarray(photo.convert("RGB"))
    assert half.shape == (1494, 2656, 3)
    first = SaliencyFinder().find(half)
    assert first == SaliencyFinder().find(half)
    quarter = SaliencyFinder().find(np.ascontiguousarray(half[::2, ::2]))
    assert overlap(first.box, quarter.box) > 0.7
    assert inside(first, LABELS["dandelion.jpg"][0])


@pytest.mark.parametrize(
    "values",
    [
        {"x": 0.9, "box": (0.1, 0.1, 0.5, 0.9)},
        {"box": (0.1, 0.1, 1.5, 0.9)},
        {"confidence": 1.1},
        {"x": float("nan")},
    ],
)
def test_a_subject_that_is_none_is_refused(values):
    with pytest.raises(ValueError, match="not a subject"):
        Subject(**values)
