"""Which pixel matters is a question with 784 directions in it; the answer alone has none."""
