"""An estimate can be right on average and still be far from the gradient, every time."""
