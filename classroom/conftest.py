"""pytest runs the solutions as the notebook tool does: same packages, nobody's own settings."""

from thisbook.notebooks import isolate

isolate()
