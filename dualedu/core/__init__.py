"""The number, its rules and the transformations: what to read first."""
