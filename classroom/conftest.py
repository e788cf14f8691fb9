"""pytest runs the solutions as the notebook tool does: same packages, nobody's own settings."""

from notebooks import isolate

isolate()
