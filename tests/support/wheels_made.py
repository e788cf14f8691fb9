"""Wheels made on the spot, in place of those that PyPI has."""

import zipfile


def pure_wheels(target):
    """A wheel without dependencies under each name that pages load."""
    for name in ("anywidget", "ipywidgets", "pyodide_kernel"):
        with zipfile.ZipFile(target / f"{name}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}/__init__.py", "x = 1\n")
            archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\n\n")
