"""The installer that JupyterLite's kernel asks for. All packages of the book come with it."""

from .piplite import install as install
