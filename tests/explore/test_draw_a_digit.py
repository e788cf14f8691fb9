"""DrawADigit: the stored network, MNIST's form, the map against torch and differences."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dualedu import mnist, nn
from dualedu.explore import DrawADigit
from dualedu.explore.draw_a_digit import drawing
from dualedu.explore.draw_a_digit.model import (
    BLANK,
    PIXELS,
    Digit,
    Frame,
    cost,
    examples,
    network,
    probabilities,
    signed,
    slopes,
    stored,
)
from dualedu.explore.draw_a_digit.widget import HERE

EXAMPLES = examples()
NAMES = list(EXAMPLES)


def drawn(image):
    return np.rint(255 * image).astype(np.uint8).tobytes().hex()


def digit(name="9 or 4", row=8, column=17, about=-1, seeds="pixels"):
    return Digit(EXAMPLES.get(name, name), row, column, about, seeds)


def a_seven(down=0, right=0, size=1.0):
    """Two strokes, somewhere in the grid."""
    image = np.zeros((28, 28))
    height, width = round(20 * size), round(14 * size)
    image[down : down + 3, right : right + width] = 1
    for i in range(height):
        column = right + width - 1 - round(0.5 * i)
        image[down + i, column - 1 : column + 2] = 1
    return image


def test_the_stored_accuracies_come_out_again():
    digits = mnist.load()
    accuracy = network().accuracy(digits.test_images, digits.test_labels)
    assert accuracy == pytest.approx(float(stored()["embedded_accuracy"]), abs=1 / 2000)
    assert stored()["test_accuracy"] >= 0.96
    assert {stored()[name].dtype for name in ("W1", "b1", "W2", "b2")} == {np.dtype(np.float16)}


def test_the_file_is_small():
    assert (HERE.parents[1] / "data" / "digits_model.npz").stat().st_size <= 60_000


def test_examples_are_test_images_of_the_digits_they_are_named_after():
    digits = mnist.load()
    for name, ink in EXAMPLES.items():
        image = np.frombuffer(bytes.fromhex(ink), np.uint8) / 255
        (place,) = np.flatnonzero((np.abs(digits.test_images - image) < 1e-6).all(axis=1))
        assert str(digits.test_labels[place]) in name.split(" or ")


@pytest.mark.parametrize("name", NAMES)
def test_an_image_of_mnist_has_mnists_form(name):
    assert digit(name).frame == Frame()


@pytest.mark.parametrize("size", [0.5, 0.8, 1.0, 1.25])
@pytest.mark.parametrize(("down", "right"), [(0, 1), (2, 8), (1, 4)])
def test_a_drawing_anywhere_of_any_size_is_brought_to_mnists_form(down, right, size):
    seen = Frame.of(a_seven(down, right, size)).seen(a_seven(down, right, size))
    rows, columns = np.nonzero(seen > 0.5)
    assert 18 <= 1 + max(np.ptp(rows), np.ptp(columns)) <= 20
    middle = np.arange(28) @ seen.sum(axis=1), np.arange(28) @ seen.sum(axis=0)
    assert np.array(middle) / seen.sum() == pytest.approx([14, 14], abs=0.51)
    if size >= 0.8:  # of a smaller one, the pen's stroke becomes as thick as no digit of MNIST
        assert int(np.argmax(probabilities(seen))) == 7


def test_scaling_keeps_the_mean_ink_of_what_it_covers():
    """Against torch's area interpolation, at a scale at which pixels fall on pixels."""
    torch = pytest.importorskip("torch")
    image = np.random.default_rng(0).random((28, 28))
    halved = Frame(0.5).seen(image)[:14, :14]
    right = torch.nn.functional.avg_pool2d(torch.tensor(image)[None], 2)[0].numpy()
    np.testing.assert_allclose(halved, right, atol=1e-14)
    np.testing.assert_allclose(
        Frame(2.0).seen(image), np.kron(image, np.ones((2, 2)))[:28, :28], atol=1e-14
    )


@pytest.mark.parametrize("name", ["9 or 4", "3", BLANK])
@pytest.mark.parametrize("about", [0, 4, 9])
def test_the_map_is_torchs_gradient_whichever_seeds(name, about):
    torch = pytest.importorskip("torch")
    model = digit(name, about=about)
    w1, b1, w2, b2 = map(torch.tensor, network().parameters)
    x = torch.tensor(model.seen.ravel(), requires_grad=True)
    log_p = torch.log_softmax(torch.relu(x @ w1 + b1) @ w2 + b2, 0)
    (right,) = torch.autograd.grad(log_p[about], x)
    np.testing.assert_allclose(model.map.ravel(), right.numpy(), atol=1e-12)
    np.testing.assert_allclose(slopes(model.seen, about, "units"), right.numpy(), atol=1e-12)
    np.testing.assert_allclose(model.probabilities, torch.exp(log_p).detach().numpy(), atol=1e-13)


@pytest.mark.parametrize(
    "model",
    [
        digit(),
        digit("3 or 5", 6, 18, 5),
        digit(drawn(a_seven(4, 3, 0.8)), 20, 20, 7),
        digit(drawn(0.5 * a_seven(2, 2)), 2, 9, 1),
    ],
)
def test_the_prediction_is_a_slope_and_the_actual_change_what_inking_does(model):
    image, h = model.image.copy(), 1e-6
    ink = 1 - image[model.row, model.column]
    image[model.row, model.column] += h * ink
    ahead = probabilities(model.frame.seen(image))[model.subject]
    slope = (ahead - model.probabilities[model.subject]) / h
    assert model.predicted == pytest.approx(slope, abs=1e-5)
    image[model.row, model.column] = 1
    inked = digit(drawn(image), model.row, model.column, model.subject)
    change = inked.probabilities[model.subject] - model.probabilities[model.subject]
    assert model.actual == pytest.approx(change, abs=1e-12)
    assert model.moves == (inked.frame != model.frame)


def test_costs_are_those_of_the_layers():
    answer = 784 * 32 + 32 * 10
    assert cost("") == answer
    assert cost("pixels") == answer + 784 * answer
    assert cost("units") == answer + 32 * 32 * 10 + 784 * 32


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (digit(), ("reads 9 (0.504), or else 4 (0.495)", "row 9, column 18", "p(9) by +")),
        (digit(), ("784 directions: 19,945,280 multiplications, 785 times",)),
        (digit(seeds="units"), ("32 directions", "60,736", "2.4 times", "map is the same")),
        (digit("3", 14, 14), ("reads 3",)),
        (digit("3 or 5", 6, 10), ("row 7, column 11 is full of ink",)),
        (digit(BLANK), ("grid is empty", "centred anew")),
        (digit(about=4), ("p(4) by −",)),
    ],
)
def test_words(model, said):
    assert all(part in model.words() for part in said), model.words()


@pytest.mark.parametrize(
    ("change", "written"),
    [(0.25, "+0.250"), (-0.25, "−0.250"), (1e-9, "0.000"), (-1e-9, "0.000"), (0.0, "0.000")],
)
def test_signs(change, written):
    assert signed(change) == written


def test_marks_are_where_and_as_large_as_the_slopes_are():
    model = digit()
    tree = ElementTree.fromstring(drawing.draw(model))
    paths = [e for e in tree.iter() if e.tag.endswith("}path")]
    (squares,) = (e.get("d") for e in paths if "purple" in e.get("fill"))
    shares = model.map / np.abs(model.map).max()
    found = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v", squares)
    assert len(found) == np.count_nonzero(shares > drawing.FAINTEST)
    for x, y, side in (map(float, one) for one in found):
        c, r = round((x + side / 2) / 8 - 0.5), round((y + side / 2) / 8 - 0.5)
        assert side == pytest.approx(7.4 * np.sqrt(shares[r, c]), abs=0.06)
    diamonds = next(
        e.get("d") for e in paths if "tangent" in e.get("fill") and e.get("d").count("M") > 1
    )
    assert diamonds.count("M") == np.count_nonzero(shares < -drawing.FAINTEST)


def test_bars_are_as_long_as_the_probabilities():
    model = digit()
    tree = ElementTree.fromstring(drawing.draw(model))
    bars = [e for e in tree.iter() if "primal" in (e.get("fill") or "")]
    lengths = [float(e.get("width")) for e in bars]
    assert lengths == pytest.approx(122 * model.probabilities, abs=0.06)


def test_what_the_page_sends_is_read_and_answered_with_one_picture():
    widget = DrawADigit()
    pictures = []
    widget.picture.observe(lambda change: pictures.append(change["new"]), "svg")
    ink = drawn(a_seven(3, 4))
    sent = {"ink": ink, "drawing": widget.pad.drawing, "row": 4, "column": 5, "count": 7}
    widget.pad.set_state({"sent": sent})
    assert widget.pad.drawing == sent["drawing"]
    assert (widget.ink, widget.row, widget.column, widget.example) == (ink, 4, 5, "own")
    assert (widget.pad.answered, len(pictures)) == (7, 1)
    assert widget.words.startswith("The network reads 7")


def test_a_cursor_from_the_page_leaves_the_ink_alone():
    widget = DrawADigit()
    widget.press("clear")
    widget.pad.set_state({"sent": {"row": 1, "column": 2, "count": 1}})
    assert (widget.ink, widget.row, widget.column) == (BLANK, 1, 2)


def test_ink_that_was_on_its_way_does_not_undo_a_clear():
    widget = DrawADigit()
    late = {"ink": drawn(a_seven(3, 4)), "drawing": widget.pad.drawing, "row": 1, "column": 2}
    widget.press("clear")
    widget.pad.set_state({"sent": late | {"count": 3}})
    assert (widget.ink, widget.pad.ink, widget.row, widget.pad.answered) == (BLANK, BLANK, 1, 3)
    widget.pad.set_state({"sent": late | {"drawing": widget.pad.drawing, "count": 4}})
    assert widget.ink == late["ink"]


def test_a_bad_drawing_from_the_page_is_refused_and_answered():
    widget = DrawADigit()
    before = widget.ink
    sent = {"ink": "zz", "drawing": widget.pad.drawing, "row": 0, "column": 0, "count": 1}
    widget.pad.set_state({"sent": sent})
    assert "1568 hexadecimal digits" in widget.message
    assert (widget.ink, widget.pad.ink, widget.pad.answered) == (before, before, 1)


def test_examples_clearing_and_arrays():
    widget = DrawADigit(example="3")
    assert widget.ink == widget.pad.ink == EXAMPLES["3"]
    widget.press("clear")
    assert (widget.ink, widget.pad.ink, widget.example) == (BLANK, BLANK, "own")
    assert "grid is empty" in widget.words
    widget.ink = a_seven(3, 3)
    assert widget.words.startswith("The network reads 7")
    widget.controls["example"][0].set_state({"index": NAMES.index("5")})
    assert (widget.example, widget.ink, widget.pad.ink) == ("5", EXAMPLES["5"], EXAMPLES["5"])
    widget.about = 8
    assert "p(8)" in widget.words
    assert DrawADigit(ink=np.zeros(PIXELS)).example == "own"


def test_the_standin_shows_an_example_with_bars_and_map():
    data, _ = DrawADigit()._repr_mimebundle_()
    html = data["application/vnd.dualedu.explore+html"]
    assert "0.504" in html
    assert "ink raises log p(9)" in html
    assert "The network reads 9" in data["text/plain"]


def test_the_network_is_the_chapters_kind():
    assert repr(network()) == "MLP((784, 32, 10), 'relu'): 25,450 parameters"
    assert isinstance(network(), nn.MLP)
