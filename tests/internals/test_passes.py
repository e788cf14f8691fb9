"""Unit directions in passes: the same answers, little memory, the same pages again."""

import itertools
import os
import platform
import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
from rosenbrock import rosenbrock

import dualedu.core.transforms
from dualedu import gradient, hvp, jacobian, stop_gradient


@pytest.mark.parametrize("numbers", [30, 80])  # a leaf in several passes, or whole in one
def test_unit_directions_run_in_passes_with_the_same_answer(numbers, monkeypatch):
    x = np.linspace(0, 1, 10)
    tree = {"a": x[:4].reshape(2, 2), "b": x[0], "c": x[:0], "d": [x[5:7], x[7:]]}

    def of_tree(p):
        s = np.sum(p["a"] @ p["a"]) * p["b"] + np.sum(p["c"])
        return {"s": s, "v": np.sin(s * p["d"][0]), "m": np.outer(p["d"][0], p["d"][1])}

    def answers():
        return [
            jacobian(np.cumprod)(x),
            gradient(rosenbrock)(x),
            jacobian(gradient(rosenbrock))(x),
            hvp(rosenbrock, x, np.stack([x, x[::-1]])),
            *leaves(jacobian(of_tree)(tree)),
            *leaves(gradient(lambda p: of_tree(p)["s"])(tree)),
            *leaves(hvp(lambda p: of_tree(p)["s"], tree, tree)),
        ]

    whole = answers()
    monkeypatch.setattr(dualedu.core.transforms, "LARGEST_PASS", numbers)
    monkeypatch.setattr(dualedu.core.transforms, "FEWEST", 1)
    for once, again in zip(whole, answers(), strict=True):
        np.testing.assert_array_equal(once, again, strict=True)


def leaves(tree):
    if isinstance(tree, dict | list):
        parts = tree.values() if isinstance(tree, dict) else tree
        return [leaf for part in parts for leaf in leaves(part)]
    return [tree]


def dropped(rng):
    return lambda x: np.sum(np.sin(x) * (rng.random(len(x)) < 0.5))


BATCHES = itertools.count(1.0)


@pytest.mark.parametrize(
    ("transform", "n"), [(gradient, 600), (jacobian, 600), (lambda f: jacobian(gradient(f)), 100)]
)
@pytest.mark.parametrize(
    "f",
    [
        dropped(np.random.default_rng(0)),
        lambda x: np.sum(x**2) + dropped(np.random.default_rng())(stop_gradient(x)),
        lambda x: np.sum(x) * next(BATCHES),
    ],
    ids=["dropout", "noise", "batches"],
)
def test_what_comes_out_otherwise_in_another_pass_is_warned_of(f, transform, n):
    with pytest.warns(RuntimeWarning, match="another value in another pass"):
        transform(f)(np.linspace(0.1, 1, n))


def test_the_way_out_of_it_leads_out():
    rng, x = np.random.default_rng(0), np.linspace(0.1, 1, 2000)
    drawn = rng.random(len(x)) < 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = gradient(lambda x, kept: np.sum(np.sin(x) * kept))(x, drawn)
        assert np.isnan(gradient(lambda x: np.sum(x) * np.nan)(x)).all()
        once = gradient(dropped(rng))(x[:400])  # in one pass
    np.testing.assert_allclose(found, np.cos(x) * drawn, rtol=1e-14)
    assert set(np.round(once / np.cos(x[:400]), 12)) == {0, 1}


@pytest.mark.parametrize(
    "transform",
    [jacobian, lambda f: gradient(lambda x: np.sum(f(x)))],
    ids=["jacobian", "gradient"],
)
def test_passes_take_little_memory_beside_the_result(transform):
    x = np.linspace(0, 1, 4000)  # all unit directions together are 122 MiB
    f = transform(lambda x: np.sin(x) * x)
    tracemalloc.start()
    result = f(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < result.nbytes + 16 * 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="how glibc frees memory")
def test_passes_use_the_same_pages_again():
    program = """
import resource, numpy as np
from dualedu import gradient

def faults(f, x):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    gradient(f)(x)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

x = np.linspace(-1, 1, 4000)
faults(lambda x: np.sum(np.sin(x) * x), x)
print(min(faults(lambda x: np.sum(np.sin(x) * x), x) for _ in range(3)))
"""
    # Dask sets some of glibc's own variables for good, and they forbid it to learn.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20_000  # of 4 KiB; without, one for each page of a pass
