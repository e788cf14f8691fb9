"""JupyterLite: the pages as notebooks, on the Python that the pages run."""
