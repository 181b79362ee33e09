"""The ruler of synthesised views is straight: masks are where they must be, and an exact view scores as one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.backward_warp import plain_backward_warp
from benchmarks.stereo import Truth, psnr, shifted_psnr, truth_of
from engine.core.camera import Camera
from engine.core.view import View

WIDTH, HEIGHT = 96, 48
FAR, NEAR = 4, 12  # pixels of disparity
LEFT, RIGHT, TOP, BOTTOM = 40, 60, 10, 38  # where the near rectangle is in the left photo


def texture(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH + 2 * NEAR, 3), np.uint8)


def pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """A rectangle before a wall: left and right photo and the left one's disparity, all exact."""
    wall, board = texture(1), texture(2)
    left, right = wall[:, :WIDTH].copy(), wall[:, FAR : FAR + WIDTH].copy()
    disparity = np.full((HEIGHT, WIDTH), FAR, np.float32)
    rows = slice(TOP, BOTTOM)
    left[rows, LEFT:RIGHT] = board[rows, LEFT:RIGHT]
    right[rows, LEFT - NEAR : RIGHT - NEAR] = board[rows, LEFT:RIGHT]
    disparity[rows, LEFT:RIGHT] = NEAR
    return left, right, disparity


@pytest.fixture(scope="module")
def truth() -> Truth:
    return truth_of(*pair())


def test_disoccluded_is_what_the_rectangle_hid_from_the_left_camera_alone(truth: Truth) -> None:
    wanted = np.zeros((HEIGHT, WIDTH), bool)
    wanted[TOP:BOTTOM, RIGHT - NEAR : RIGHT - FAR] = True
    assert np.array_equal(truth.disoccluded, wanted)
    # The last columns show what lies beyond the left photo; everything else is seen by both.
    wanted[:, WIDTH - NEAR :] = True
    assert np.array_equal(truth.visible, ~wanted)


def test_visible_pixels_are_equal_at_their_true_places_and_nowhere_else(truth: Truth) -> None:
    assert shifted_psnr(truth, 0.0) > 60
    assert max(shifted_psnr(truth, -1.0), shifted_psnr(truth, 1.0), shifted_psnr(truth, 0.0, -1.0)) < 15


def test_what_was_not_measured_is_in_no_mask_and_filled_from_behind() -> None:
    left, right, disparity = pair()
    disparity[20, LEFT - 4 : LEFT + 4] = np.inf
    disparity[30, LEFT - 1] = 8.0  # flies between the rectangle and the wall
    truth = truth_of(left, right, disparity)
    assert (truth.disparity[20, LEFT - 4 : LEFT + 4] == FAR).all()
    assert not truth.measured[30, LEFT - 1]
    # The wall's part goes on behind the rectangle; the rectangle's may be anywhere between both.
    assert not (truth.visible | truth.disoccluded)[20, LEFT - NEAR : LEFT + 4 - NEAR].any()


def test_pixels_near_a_jump_are_not_inner(truth: Truth) -> None:
    assert not truth.inner[TOP:BOTTOM, RIGHT - NEAR - 2 : RIGHT - NEAR].any()
    assert truth.inner[24, LEFT - NEAR + 8]
    assert (truth.visible | ~truth.inner).all()


def test_the_plain_warp_is_exact_where_the_depth_is_constant(truth: Truth) -> None:
    made = plain_backward_warp(truth.left, truth.relative, truth.camera, truth.size)
    above = np.zeros_like(truth.visible)
    above[: TOP - 3, : WIDTH - NEAR] = True
    assert psnr(made, truth.right, above) > 45


def test_the_plain_warp_follows_the_camera_in_every_direction() -> None:
    """Against the camera's own formula, through a picture whose colours are its coordinates."""
    width, height = 200, 150
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    picture = np.stack([x, y, 0 * x], 2).astype(np.uint8)
    camera = Camera(View(104.0, 73.0, 0.5, 0.1), x=0.05, y=-0.02, z=0.15)
    made = plain_backward_warp(picture, np.full((3, 4), 0.6, np.float32), camera, (80, 60))
    for column, row in ((0, 0), (79, 0), (40, 31), (5, 59)):
        lens = camera.view.through(View(column + 0.5, row + 0.5, 1.0), 80, 60)
        wanted = camera.to_photo((lens.x, lens.y), 0.6, (width, height))
        assert made[row, column, :2] == pytest.approx(np.array(wanted) - 0.5, abs=0.6)


def test_the_benchmark_runs_and_its_result_says_what_it_must(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks.view_synthesis import SCHEMA, main

    output = tmp_path / "result.json"
    assert main(["--only", "plain,draft", "--output", str(output), "--keep", str(tmp_path / "pictures")]) == 0
    result: dict[str, Any] = json.loads(output.read_text())
    assert result["schema"] == SCHEMA
    check = result["truth_check"]["shifts"]
    assert max(check, key=check.__getitem__) == "0"
    scores = {name: entry["scores"] for name, entry in result["contenders"].items()}
    for name in ("plain", "draft"):
        assert scores[name].keys() == {"all", "visible", "inner", "disoccluded"}
        assert scores[name]["inner"]["psnr_db"] < scores["limit"]["inner"]["psnr_db"]
    assert scores["draft"]["visible"]["psnr_db"] > scores["plain"]["visible"]["psnr_db"] + 3
    assert "draft" in capsys.readouterr().out
    assert (tmp_path / "pictures" / "draft.png").exists()
