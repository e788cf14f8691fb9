"""The Jacobian of the softmax, whole and cut down to its diagonal."""
