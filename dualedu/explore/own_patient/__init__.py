"""Code of one's own, pasted or dropped, and the doctor's diagnosis of the gradient in it."""
