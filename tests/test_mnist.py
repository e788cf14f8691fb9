"""MNIST: the embedded subset is what it claims to be, and no damaged file is ever read."""

import functools
import gzip
import hashlib
import http.server
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import untested

from dualedu import mnist

PACKAGE = Path(mnist.__file__).parent
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
TRAIN_IMAGES = FILES["train_images"]


def run_python(code, *path):
    """Run `code` in a fresh interpreter that finds `path` and dualedu first."""
    places = os.pathsep.join(map(str, (*path, PACKAGE.parent)))
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=120,
    )


def read_idx(path):
    """The IDX format as MNIST's page describes it, read without dualedu or torchvision."""
    content = path.read_bytes()
    zero, kind, rank = struct.unpack(">HBB", content[:4])
    assert (zero, kind) == (0, 8)
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write_idx(path, array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())


@pytest.fixture(scope="session")
def digits():
    return mnist.load()


@pytest.fixture(scope="session")
def complete():
    """The full data set's four arrays, read from DUALEDU_MNIST by `read_idx`."""
    root = os.environ.get("DUALEDU_MNIST")
    if not root:
        untested.skip("mnist")
    raw = Path(root).expanduser() / "MNIST" / "raw"
    return {field: read_idx(raw / name) for field, name in FILES.items()}


@pytest.fixture(scope="session")
def datasets():
    try:
        return mnist._torchvision_datasets()
    except ImportError:
        untested.skip("torchvision")


@pytest.fixture
def no_torchvision(monkeypatch):
    """Fails the test if torchvision is asked for: bad files must be found without it."""

    def forbidden():
        raise AssertionError("torchvision was imported before the files were checked")

    monkeypatch.setattr(mnist, "_torchvision_datasets", forbidden)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A root with 30 + 20 random images in MNIST's format, which `mnist` takes for the real set."""
    monkeypatch.delenv("DUALEDU_MNIST", raising=False)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    table = {}
    for field, name in FILES.items():
        count = 30 if field.startswith("train") else 20
        if field.endswith("images"):
            array = rng.integers(0, 256, (count, 28, 28), np.uint8)
        else:
            array = rng.integers(0, 10, count, np.uint8)
        write_idx(raw / name, array)
        content = (raw / name).read_bytes()
        table[name] = (len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(mnist, "_RAW", table)
    return tmp_path


def assert_is(digits, root):
    """`digits` holds exactly what the raw files below `root` hold."""
    for field, name in FILES.items():
        raw = read_idx(root / "MNIST" / "raw" / name)
        got = getattr(digits, field)
        if field.endswith("images"):
            raw = raw.reshape(len(raw), 784)
            assert got.dtype == np.float32
            assert got.flags.c_contiguous
            got = got * 255
        else:
            assert got.dtype == np.int64
        assert got.shape == raw.shape
        assert np.abs(got - raw).max() < 1e-4


# The embedded subset


@pytest.mark.parametrize(("split", "per_class"), [("train", 1_000), ("test", 200)])
def test_subset_is_balanced_float32_and_in_range(digits, split, per_class):
    images, labels = getattr(digits, f"{split}_images"), getattr(digits, f"{split}_labels")
    assert images.shape == (10 * per_class, 784)
    assert labels.shape == (10 * per_class,)
    assert images.dtype == np.float32
    assert images.flags.c_contiguous
    assert labels.dtype == np.int64
    assert images.min() == 0
    assert images.max() == 1
    np.testing.assert_allclose(images * 255, np.rint(images * 255), rtol=0, atol=1e-4)
    assert np.bincount(labels).tolist() == [per_class] * 10
    # Shuffled: every tenth of the order holds every digit about equally often.
    counts = np.array([np.bincount(part, minlength=10) for part in np.split(labels, 10)])
    assert counts.min() > 0.5 * per_class / 10
    assert counts.max() < 1.7 * per_class / 10


def test_no_image_of_the_subset_occurs_twice(digits):
    rows = [row.tobytes() for row in (*digits.train_images, *digits.test_images)]
    assert len(set(rows)) == 12_000


def test_labels_belong_to_their_images(digits):
    means = np.stack([digits.train_images[digits.train_labels == d].mean(0) for d in range(10)])
    distance = (means**2).sum(1) - 2 * digits.test_images @ means.T
    assert (distance.argmin(1) == digits.test_labels).mean() > 0.75


def test_normalised(digits):
    normalised = mnist.load(normalised=True)
    for plain, got in zip(digits[::2], normalised[::2], strict=True):
        assert got.dtype == np.float32
        assert got.flags.c_contiguous
        expected = (plain.astype(np.float64) - 0.1307) / 0.3081
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(normalised.train_labels, digits.train_labels)


def test_each_load_is_the_callers_own(digits):
    first = mnist.load()
    for array in first:
        array[:] = 7
    for again, before in zip(mnist.load(), digits, strict=True):
        np.testing.assert_array_equal(again, before)


def test_repr_is_short(digits):
    assert repr(digits) == "Digits(10,000 training and 2,000 test images of 784 pixels)"


def test_subset_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in (PACKAGE / "data").glob("*.npz")) < 2_500_000


def test_loading_the_subset_needs_numpy_alone():
    result = run_python("""
        import sys
        for name in ("torch", "torchvision", "PIL", "matplotlib", "tqdm", "lzma"):
            sys.modules[name] = None
        from dualedu import mnist
        print(mnist.load().train_images.shape)
    """)
    assert result.stdout == "(10000, 784)\n", result.stderr


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGE = {
    "one bit flipped": flipped,
    "truncated": lambda content: content[:-1],
    "lengthened": lambda content: content + b"\0",
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_subset_is_refused(damage, tmp_path, monkeypatch):
    good = (PACKAGE / "data" / "mnist.npz").read_bytes()
    copy = tmp_path / "data" / "mnist.npz"
    copy.parent.mkdir()
    monkeypatch.setattr(mnist, "resources", SimpleNamespace(files=lambda package: tmp_path))

    copy.write_bytes(good)
    mnist.load()
    copy.write_bytes(damage(good))
    with pytest.raises(ValueError, match="truncated or altered") as caught:
        mnist.load()
    expected, found = (hashlib.sha256(content).hexdigest() for content in (good, damage(good)))
    for word in (str(copy), expected, found, "reinstall"):
        assert word in str(caught.value)


def test_missing_subset_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "resources", SimpleNamespace(files=lambda package: tmp_path))
    with pytest.raises(FileNotFoundError, match=r"mnist\.npz.*reinstall"):
        mnist.load()


# The subset against the full set


@pytest.mark.parametrize(("split", "other"), [("train", "test"), ("test", "train")])
def test_subset_is_taken_from_its_own_split(digits, complete, split, other):
    full_images, full_labels = complete[f"{split}_images"], complete[f"{split}_labels"]
    label_of = {
        image.tobytes(): label for image, label in zip(full_images, full_labels, strict=True)
    }
    elsewhere = {image.tobytes() for image in complete[f"{other}_images"]}
    assert len(label_of) == len(full_images)  # no image occurs twice: bytes identify a row
    images = np.rint(getattr(digits, f"{split}_images") * 255).astype(np.uint8)
    for image, label in zip(images, getattr(digits, f"{split}_labels"), strict=True):
        assert label_of[image.tobytes()] == label
        assert image.tobytes() not in elsewhere


def test_mean_and_deviation_are_those_of_the_training_set(complete):
    pixels = complete["train_images"] / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (mnist.MEAN, mnist.STD)


def test_script_makes_the_same_subset_again(complete, tmp_path):
    repository = Path(__file__).parents[1]  # the script is not part of the installed package
    script = shutil.copy(repository / "dualedu" / "data" / "make_subset.py", tmp_path)
    root = Path(os.environ["DUALEDU_MNIST"]).expanduser()
    subprocess.run([sys.executable, script, root], check=True, capture_output=True, timeout=120)
    made, shipped = tmp_path / "mnist.npz", PACKAGE / "data" / "mnist.npz"
    with np.load(made) as new, np.load(shipped) as old:
        assert sorted(new) == sorted(old) == sorted(FILES)
        for name in old:
            np.testing.assert_array_equal(new[name], old[name], strict=True)
    if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng packs the same pixels into other bytes
        assert made.read_bytes() == shipped.read_bytes()


def test_full_set_is_the_raw_files(complete, datasets):
    digits = mnist.load(full=True)
    assert len(digits.train_labels) == 60_000
    assert len(digits.test_labels) == 10_000
    assert_is(digits, Path(os.environ["DUALEDU_MNIST"]).expanduser())


# The full set's files


def test_root_comes_from_the_argument_then_the_variable(small, datasets, monkeypatch, tmp_path):
    assert_is(mnist.load(full=True, root=small), small)
    monkeypatch.setenv("DUALEDU_MNIST", str(small))
    assert_is(mnist.load(full=True), small)
    monkeypatch.setenv("DUALEDU_MNIST", str(tmp_path / "elsewhere"))
    assert_is(mnist.load(full=True, root=str(small)), small)


def test_home_is_expanded(small, datasets, monkeypatch):
    monkeypatch.setenv("HOME", str(small.parent))
    monkeypatch.setenv("USERPROFILE", str(small.parent))
    assert_is(mnist.load(full=True, root=f"~/{small.name}"), small)


def test_full_set_normalised(small, datasets):
    plain, normalised = (mnist.load(full=True, root=small, normalised=n) for n in (False, True))
    expected = (plain.test_images.astype(np.float64) - 0.1307) / 0.3081
    np.testing.assert_allclose(normalised.test_images, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_folder_every_way_out_is_named(value, monkeypatch, no_torchvision):
    monkeypatch.delenv("DUALEDU_MNIST", raising=False)
    if value is not None:
        monkeypatch.setenv("DUALEDU_MNIST", value)
    with pytest.raises(FileNotFoundError, match=r"root=.*DUALEDU_MNIST.*download=True"):
        mnist.load(full=True)


@pytest.mark.parametrize("arguments", [{"root": "data"}, {"download": True}], ids=str)
def test_arguments_of_the_full_set_are_not_ignored(arguments):
    with pytest.raises(ValueError, match="full=True"):
        mnist.load(**arguments)


@pytest.mark.parametrize("download", [False, True])
@pytest.mark.parametrize("name", FILES.values())
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_raw_file_is_refused_and_kept(damage, name, download, small, no_torchvision):
    path = small / "MNIST" / "raw" / name
    good = path.read_bytes()
    path.write_bytes(damage(good))
    with pytest.raises(ValueError, match=name) as caught:
        mnist.load(full=True, root=small, download=download)
    if len(damage(good)) == len(good):
        facts = [hashlib.sha256(content).hexdigest() for content in (good, damage(good))]
    else:
        facts = [f"{len(content):,}" for content in (good, damage(good))]
    for word in (str(path), *facts, "download=True"):
        assert word in str(caught.value)
    assert path.read_bytes() == damage(good)


@pytest.mark.parametrize("name", FILES.values())
def test_missing_raw_file_is_named(name, small, no_torchvision):
    raw = small / "MNIST" / "raw"
    (raw / name).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        mnist.load(full=True, root=small)
    present = [path.name for path in raw.iterdir()]
    for word in (f"{name} is missing", str(raw), *present, "DUALEDU_MNIST", "download=True"):
        assert word in str(caught.value)


def test_missing_folder_is_named(small, no_torchvision):
    with pytest.raises(FileNotFoundError, match=r"nowhere.*no such folder"):
        mnist.load(full=True, root=small / "nowhere")


@pytest.mark.parametrize("below", ["MNIST", "MNIST/raw"])
def test_root_given_too_deep_is_put_right(below, small, no_torchvision):
    with pytest.raises(FileNotFoundError) as caught:
        mnist.load(full=True, root=small / below)
    assert f'use root="{small}"' in str(caught.value)


def test_leftovers_torchvision_would_prefer_are_refused(small, no_torchvision):
    processed = small / "MNIST" / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_bytes(b"")
    with pytest.raises(ValueError, match=r"processed.*move"):
        mnist.load(full=True, root=small)


# Downloading, from a server on this machine


@pytest.fixture
def mirror(small, datasets, tmp_path_factory, monkeypatch):
    """Serves the `small` set's files, gzipped, in place of MNIST's mirrors; lists the requests."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    folder = tmp_path_factory.mktemp("mirror")
    resources = []
    for name in FILES.values():
        packed = gzip.compress((small / "MNIST" / "raw" / name).read_bytes(), mtime=0)
        (folder / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))
    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            super().do_GET()

        def log_message(self, *arguments):
            pass

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        monkeypatch.setattr(datasets.MNIST, "resources", resources)
        yield SimpleNamespace(folder=folder, requests=requests)
        server.shutdown()


def test_download_fetches_checks_and_shows_progress(mirror, small, tmp_path_factory, capfd):
    root = tmp_path_factory.mktemp("new")
    assert_is(mnist.load(full=True, root=root, download=True), small)
    for name in FILES.values():
        assert f"/{name}.gz" in mirror.requests
    assert re.search(r"100(\.0)?%", capfd.readouterr().err)

    mirror.requests.clear()
    assert_is(mnist.load(full=True, root=root, download=True), small)
    assert_is(mnist.load(full=True, root=root), small)
    assert mirror.requests == []


def test_download_completes_a_folder(mirror, small):
    path = small / "MNIST" / "raw" / FILES["test_labels"]
    content = path.read_bytes()
    path.unlink()
    mnist.load(full=True, root=small, download=True)
    assert path.read_bytes() == content


def test_download_of_other_data_is_refused(mirror, datasets, monkeypatch, tmp_path_factory):
    # The mirror and torchvision's md5 agree with each other, but not with MNIST.
    path = mirror.folder / f"{TRAIN_IMAGES}.gz"
    other = gzip.compress(flipped(gzip.decompress(path.read_bytes())))
    path.write_bytes(other)
    resources = [(path.name, hashlib.md5(other).hexdigest()), *datasets.MNIST.resources[1:]]
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    with pytest.raises(ValueError, match=f"{TRAIN_IMAGES} is altered"):
        mnist.load(full=True, root=tmp_path_factory.mktemp("new"), download=True)


def serve_garbage(mirror, datasets, monkeypatch):
    (mirror.folder / f"{TRAIN_IMAGES}.gz").write_bytes(b"garbage")


def cut_the_network(mirror, datasets, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])


def lose_the_file(mirror, datasets, monkeypatch):
    (mirror.folder / f"{TRAIN_IMAGES}.gz").unlink()


@pytest.mark.parametrize("fault", [serve_garbage, cut_the_network, lose_the_file])
def test_failed_download_says_what_to_do(fault, mirror, datasets, monkeypatch, tmp_path_factory):
    fault(mirror, datasets, monkeypatch)
    root = tmp_path_factory.mktemp("new")
    with pytest.raises(ConnectionError) as caught:
        mnist.load(full=True, root=root, download=True)
    for word in (str(root), TRAIN_IMAGES, datasets.MNIST.mirrors[0], "mnist.load()"):
        assert word in str(caught.value)
    assert socket.getdefaulttimeout() is None


def test_server_that_never_answers_is_given_up(mirror, datasets, monkeypatch, tmp_path_factory):
    monkeypatch.setattr(mnist, "_DOWNLOAD_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
        with pytest.raises(ConnectionError, match="timed out"):
            mnist.load(full=True, root=tmp_path_factory.mktemp("new"), download=True)
    assert socket.getdefaulttimeout() is None


# Importing torchvision


def test_torchvision_imports_beside_this_torch(datasets):
    torch = pytest.importorskip("torch")
    assert mnist._torchvision_datasets() is datasets
    assert "Tensor dets" in str(torch.ops.torchvision.nms.default._schema)


# Stand-ins: `torch.library` records its operators, as torch does, for as long as the library lives.
TORCH_LIBRARY = """
operators = set()

class Library:
    def __init__(self, namespace, kind):
        assert namespace == "torchvision" and kind == "FRAGMENT"
    def define(self, schema):
        operators.add(schema.partition("(")[0])
    def __del__(self):
        operators.clear()
"""
MISMATCHED = """
import torch.library
import torchvision.half
if torch.library.operators != {"nms", "qnms"}:
    raise RuntimeError("operator torchvision::nms does not exist")
"""
MATCHED = """
import torch.library
if torch.library.operators:
    raise RuntimeError("nms is registered already")
torch.library.operators.add("own")
"""


@pytest.mark.parametrize(
    ("torchvision", "outcome"),
    [
        pytest.param(MATCHED, "imported ['own']", id="matched pair is left alone"),
        pytest.param(MISMATCHED, "imported ['nms', 'qnms']", id="operators are defined and kept"),
        pytest.param("raise RuntimeError('disk on fire')", "disk on fire", id="other errors pass"),
        pytest.param("import no_such_pillow", 'pip install "dualedu[mnist]"', id="incomplete"),
        pytest.param(None, 'pip install "dualedu[mnist]"', id="not installed"),
    ],
)
def test_torchvision_import(torchvision, outcome, tmp_path):
    for package in ("torch", "torchvision"):
        (tmp_path / package).mkdir()
    (tmp_path / "torch" / "__init__.py").touch()
    (tmp_path / "torch" / "library.py").write_text(TORCH_LIBRARY)
    (tmp_path / "torchvision" / "__init__.py").write_text(torchvision or "")
    (tmp_path / "torchvision" / "half.py").touch()
    if torchvision is not None:
        (tmp_path / "torchvision" / "datasets.py").touch()
    result = run_python(
        """
        import gc
        from dualedu import mnist
        try:
            datasets = mnist._torchvision_datasets()
        except Exception as error:
            print(type(error).__name__, error)
        else:
            import torch.library
            gc.collect()
            assert datasets.__name__ == "torchvision.datasets"
            print("imported", sorted(torch.library.operators))
        """,
        tmp_path,
    )
    assert outcome in result.stdout, result.stderr
