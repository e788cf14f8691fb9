"""What the book teaches with: checks of exercises, the notebook that did not learn, costs."""
