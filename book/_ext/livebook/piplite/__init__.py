"""The installer that JupyterLite's kernel asks for. All packages of this book come with it."""

from .piplite import install as install
