"""MNIST: an embedded subset that needs no network, or the full set through torchvision."""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import sys
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEAN", "STD", "Digits", "load"]

#: Mean and standard deviation of the 47,040,000 pixels of the full training set, in [0, 1]
#: (0.13066 and 0.30811 to five digits).
MEAN, STD = 0.1307, 0.3081

_SUBSET = "mnist.npz"
_SUBSET_SHA256 = "9f6f3b87ea2355255152232b9a00e8113196e6881e648c7c3955fb53f0dd9b90"

# Size and SHA-256 of MNIST's raw files, as torchvision unpacks them into ROOT/MNIST/raw.
_RAW = {
    "train-images-idx3-ubyte": (
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": (
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte": (
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": (
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}

_DOWNLOAD_TIMEOUT = 30.0  # seconds without a byte


class Digits(NamedTuple):
    """Labelled images of handwritten digits.

    Parameters
    ----------
    train_images : ndarray of float32
        Of shape (N, 784), C-contiguous: one row of pixels for a picture.
    train_labels : ndarray of int64
        The digits 0 … 9, of shape (N,).
    test_images : ndarray of float32
        Of shape (M, 784).
    test_labels : ndarray of int64
        Of shape (M,).
    """

    train_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.float32]
    test_labels: NDArray[np.int64]

    def __repr__(self) -> str:
        train, test = len(self.train_labels), len(self.test_labels)
        pixels = self.train_images.shape[1]
        return f"Digits({train:,} training and {test:,} test images of {pixels} pixels)"


def load(
    full: bool = False,
    root: str | os.PathLike[str] | None = None,
    download: bool = False,
    normalised: bool = False,
) -> Digits:
    """MNIST's handwritten digits as arrays: pixels float32 in [0, 1], labels int64.

    By default this is the embedded subset: 10,000 training images (1,000 of each digit) and 2,000
    test images (200 of each), taken from MNIST's own training and test set, in shuffled order.

    Parameters
    ----------
    full : bool, optional
        Load all 60,000 + 10,000 images, read by `torchvision.datasets.MNIST`.
    root : path-like, optional
        The folder that holds MNIST/raw with the full set's files. By default the environment
        variable DUALEDU_MNIST names it.
    download : bool, optional
        Fetch the full set's files (12 MB) into that folder if they are missing.
    normalised : bool, optional
        Return (x − 0.1307) / 0.3081 in place of the pixels x: the mean and the standard deviation
        of the full training set's pixels, for the subset too.

    Returns
    -------
    digits : Digits
        The four arrays: training images and labels, test images and labels.

    Raises
    ------
    FileNotFoundError
        No folder was named, or a file is missing.
    ValueError
        A file is truncated or altered, or `root` or `download` came without `full`.
    ImportError
        The full set was asked for and torchvision is not installed.
    ConnectionError
        The download failed.

    Notes
    -----
    Each file is checked by its SHA-256 before it is read.

    Examples
    --------
    >>> load()
    Digits(10,000 training and 2,000 test images of 784 pixels)
    """
    if full:
        arrays = _full(_root(root), download)
    elif root is not None or download:
        raise ValueError(
            f"root={root!r} and download={download!r} concern the full data set only: "
            "add full=True, or leave them out to load the embedded subset"
        )
    else:
        arrays = _embedded()
    train_images, train_labels, test_images, test_labels = arrays
    return Digits(
        _scaled(train_images, normalised),
        train_labels.astype(np.int64),
        _scaled(test_images, normalised),
        test_labels.astype(np.int64),
    )


def _scaled(pixels: NDArray[np.uint8], normalised: bool) -> NDArray[np.float32]:
    images = np.divide(pixels.reshape(len(pixels), -1), 255, dtype=np.float32)
    if normalised:
        images -= MEAN
        images /= STD
    return images


def _embedded() -> list[NDArray[Any]]:
    file = resources.files("dualedu") / "data" / _SUBSET
    mend = "reinstall dualedu: pip install --force-reinstall --no-deps dualedu"
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing; it is part of the package: {mend}")
    packed = file.read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != _SUBSET_SHA256:
        raise ValueError(
            f"{file} is truncated or altered: expected SHA-256 {_SUBSET_SHA256}, "
            f"found {found} ({len(packed):,} bytes); {mend}"
        )
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return [arrays[name] for name in Digits._fields]


def _root(root: str | os.PathLike[str] | None) -> Path:
    if root is None:
        root = os.environ.get("DUALEDU_MNIST") or None
    if root is None:
        raise FileNotFoundError(
            "the full MNIST needs a folder: pass root=..., or set the environment variable "
            "DUALEDU_MNIST, to the folder that holds MNIST/raw; if you have no copy, "
            'mnist.load(full=True, root="data", download=True) fetches one (12 MB); '
            "mnist.load() gives the embedded subset"
        )
    return Path(root).expanduser()


def _full(root: Path, download: bool) -> list[NDArray[Any]]:
    folder = root / "MNIST" / "raw"
    missing = _missing(folder)
    if missing and download:
        _download(root)
        missing = _missing(folder)
    if missing:
        raise FileNotFoundError(_how_to_find(missing[0], root))
    processed = root / "MNIST" / "processed"
    if all((processed / name).exists() for name in ("training.pt", "test.pt")):
        # torchvision prefers these leftovers of its versions before 0.9 to the files just checked.
        raise ValueError(
            f"{processed} holds training.pt and test.pt from an old torchvision, which would be "
            f"read, unchecked, instead of {folder}: move that folder away"
        )
    datasets = _torchvision_datasets()
    splits = [datasets.MNIST(root, train=train) for train in (True, False)]
    return [array.numpy() for split in splits for array in (split.data, split.targets)]


def _missing(folder: Path) -> list[str]:
    """Names of the raw files that are not in `folder`; those that are must be intact."""
    missing = []
    for name, (size, sha256) in _RAW.items():
        path = folder / name
        if not path.is_file():
            missing.append(name)
            continue
        mend = "delete or replace it; download=True fetches a deleted file again"
        if (length := path.stat().st_size) != size:
            raise ValueError(
                f"{path} is not MNIST's file: expected {size:,} bytes, found {length:,}; {mend}"
            )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256:
            raise ValueError(
                f"{path} is altered: expected SHA-256 {sha256}, found {digest}; {mend}"
            )
    return missing


def _how_to_find(name: str, root: Path) -> str:
    folder = root / "MNIST" / "raw"
    if folder.is_dir():
        found = ", ".join(sorted(path.name for path in folder.iterdir())) or "an empty folder"
    else:
        found = "no such folder"
    message = f"MNIST's file {name} is missing: expected in {folder}, found {found}."
    here = root.absolute()
    for above in (here.parent, here.parent.parent):
        if (above / "MNIST" / "raw" / name).is_file():
            return f'{message} It lies further up: use root="{above}" (or DUALEDU_MNIST).'
    return (
        f"{message} Give the folder that holds MNIST/raw as root or in DUALEDU_MNIST, fetch the "
        "files with download=True, or use the embedded subset: mnist.load()."
    )


def _download(root: Path) -> None:
    import socket
    from http.client import HTTPException

    datasets = _torchvision_datasets()
    patience = socket.getdefaulttimeout()
    # torchvision sets no timeout: behind a firewall that drops packets it would wait for ever.
    socket.setdefaulttimeout(_DOWNLOAD_TIMEOUT)
    try:
        datasets.MNIST(root, download=True)
    except (RuntimeError, ConnectionError, TimeoutError, HTTPException) as error:
        raise ConnectionError(
            f"MNIST could not be downloaded to {root / 'MNIST' / 'raw'}. {error}\n"
            "Try again later, copy the four raw files there from another machine, or use the "
            "embedded subset: mnist.load()"
        ) from error
    finally:
        socket.setdefaulttimeout(patience)


_operators: list[Any] = []  # a torch Library takes its operators with it when it is collected


def _torchvision_datasets() -> Any:
    """`torchvision.datasets`, also where torch and torchvision are builds of different kinds.

    A torchvision built for CUDA skips its C extension beside a CPU-only torch, and then fails to
    import because two operators that datasets never use are not registered.
    """
    try:
        return importlib.import_module("torchvision.datasets")
    except ImportError as error:
        raise ImportError(
            f'the full MNIST is read with torchvision ({error}): pip install "dualedu[mnist]", '
            "or use the embedded subset: mnist.load()"
        ) from error
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    # Only after the plain import has failed: a matched pair registers the operators itself.
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = importlib.import_module("torch.library").Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _operators.append(library)
    return importlib.import_module("torchvision.datasets")
