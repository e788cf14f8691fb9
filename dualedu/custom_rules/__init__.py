"""Rules of one's own: `custom_jvp` for a function, `implicit` for what a solver found."""
