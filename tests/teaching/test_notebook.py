"""The student's notebook in its own shape does what `patient` re-enacts."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from dualedu import check_jvp, mnist, nn
from dualedu.teaching import notebook, patient
from dualedu.teaching.notebook import DualNumber

PAGE = Path(__file__).parents[2] / "book" / "2-diagnosis" / "patient.ipynb"


@pytest.fixture(scope="module")
def digits():
    found = mnist.load()
    return mnist.Digits(
        found.train_images[:160], found.train_labels[:160], found.test_images, found.test_labels
    )


def right_softmax(x):
    powers = np.exp(x.real)
    p = powers / powers.sum(axis=-1, keepdims=True)
    return DualNumber(p, p * (x.dual - (p * x.dual).sum(axis=-1, keepdims=True)))


@pytest.mark.parametrize(
    ("rule", "switches"),
    [
        (notebook.softmax, patient.Switches()),
        (right_softmax, patient.Switches(softmax="full")),
    ],
    ids=["as written", "softmax repaired"],
)
def test_it_trains_as_its_re_enactment_does(digits, rule, switches):
    ours = notebook.train(digits, epochs=2, rng=3, softmax=rule)
    _, theirs = patient.train(switches, digits, epochs=2, rng=3)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one[:2], other[:2], rtol=1e-3)


def test_the_judge_sees_the_rules_as_they_are():
    z = np.random.default_rng(0).standard_normal((3, 4))
    check_jvp(notebook.judged(notebook.sigmoid), z)
    check_jvp(notebook.judged(right_softmax), z)
    np.testing.assert_allclose(notebook.judged(right_softmax)(z), nn.softmax(z))
    with pytest.raises(AssertionError, match="order 1"):
        check_jvp(notebook.judged(notebook.softmax), z)


def test_the_page_shows_this_code():
    """The cell is the reader's own copy, to be changed on a living page."""
    (cell,) = [c for c in nbformat.read(PAGE, as_version=4).cells if c.get("id") == "code"]
    assert cell.source.strip() in Path(notebook.__file__).read_text(encoding="utf-8")
