"""Every combination of the notebook's mistakes and repairs: what one epoch makes of it."""
