"""Images of a batch, moved by a pixel."""

import numpy as np
import pytest

from dualedu.training import batches


def test_shifted_images_are_one_of_nine_neighbours():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((200, 16)).astype(np.float32)
    moves = batches.random_moves(len(images), rng)
    moved = batches.shifted(images, moves)
    seen = set()
    for image, result in zip(images, moved, strict=True):
        padded = np.pad(image.reshape(4, 4), 1, mode="edge")
        candidates = {
            (i, j): padded[i : i + 4, j : j + 4].ravel() for i in range(3) for j in range(3)
        }
        where = [place for place, c in candidates.items() if np.array_equal(c, result)]
        assert len(where) == 1
        seen.add(where[0])
    assert len(seen) == 9
    with pytest.raises(ValueError, match="these have 15 pixels"):
        batches.shifted(images[:, :15], moves)
