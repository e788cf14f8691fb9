"""What makes a site whole in itself: formulas, one style sheet, a policy, and no network."""
