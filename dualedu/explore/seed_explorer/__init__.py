"""One seed gives one number: a shadow of the gradient, not the gradient."""
