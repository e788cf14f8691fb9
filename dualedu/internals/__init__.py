"""What the dual number stands on, and who learns from it need not open: see `core` first."""
