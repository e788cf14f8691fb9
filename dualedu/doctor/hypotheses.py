"""What can be wrong with a gradient: one record a kind.

A hypothesis forbids something: it says what the claim's slope along a direction has to be. For a
fault in the finished array that is the true slope along another direction (`arrays`); for a fault
at a step inside of f, the slope of an f that makes this mistake itself (`steps`); for a claim that
is right for something else, the slope of that (`variants`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dualedu.doctor import arrays, steps, variants
from dualedu.doctor.guesses import Guess
from dualedu.doctor.pages import (
    ARRAYS,
    DIRECTIONS,
    EXACT,
    FUNCTIONS,
    NO_LIMIT,
    ONE_NUMBER,
    PATIENT,
    RANDOM,
    SMALL_PRINT,
    SOFTMAX,
)
from dualedu.doctor.reading import Reading


@dataclass(frozen=True)
class Hypothesis:
    """A kind of fault.

    Parameters
    ----------
    name : str
        The kind, as `Finding.kind` gives it.
    says : str
        What is wrong, a sentence that a person would say.
    predicts : str
        What it forbids: what the claim has to be if it is true.
    page : str
        Where the book teaches it.
    ask : str
        A teacher's question that leads there without telling.
    guesses : callable or None, optional
        Its predictions for a claim, one after the other; None where the examination sees it
        directly (a shape, a value, an answer that changes from call to call).
    """

    name: str
    says: str
    predicts: str
    page: str
    ask: str
    guesses: Callable[[Reading], Iterator[Guess]] | None = None

    @property
    def inside(self) -> bool:
        """Whether the fault is at a step inside of f."""
        return self.guesses is not None and self.guesses.__module__.startswith(f"{steps.__name__}.")


H = Hypothesis
TABLE: tuple[Hypothesis, ...] = (
    # --- the finished array ---
    H("zeros", "the gradient is zero everywhere, and should not be",
      "g = 0", EXACT,
      "Which line connects this array with the loss?", arrays.zeros),
    H("sign", "the sign is turned round",
      "g = −∇f", DIRECTIONS,
      "Does the loss rise or fall if you take a small step along your gradient?"),
    H("sum for mean", "it is the gradient of a sum where f takes a mean",
      "g = N ∇f", SMALL_PRINT,
      "What happens to your gradient if each sample is there twice? And to the loss?"),
    H("mean for sum", "it is divided by a number of rows once too often",
      "g = ∇f / N", SMALL_PRINT,
      "How often do you divide by the batch size on the way?"),
    H("constant factor", "it points the right way, and its length is wrong by a factor",
      "g = c ∇f", FUNCTIONS,
      "What is the ratio of your gradient to a finite difference, entry by entry?", arrays.scaled),
    H("normalised", "it points the right way, and its length is that of something else",
      "g = c(x) ∇f, with another c at another point", DIRECTIONS,
      "How long is your gradient at two different points?"),
    H("regulariser", "a multiple of the parameter is missing, or too much",
      "g = ∇f + λ w", FUNCTIONS,
      "What is the derivative of λ/2 ‖w‖²? On which arrays does it act?", arrays.regularised),
    H("a constant is added", "the same number is added to every entry",
      "g = ∇f + c", FUNCTIONS,
      "Which term would the gradient have if all entries but its constant vanished?"),
    H("transposed", "the array is transposed",
      "g = (∇f)ᵀ", ARRAYS,
      "Which index of the gradient runs over the inputs?", arrays.transposed),
    H("shape", "the numbers are right, and their shape is not",
      "g = ∇f, in another shape", ARRAYS,
      "What does NumPy do if you subtract an array of shape (1, n) from one of (n,)? Of (n, 1)?"),
    H("shifted", "rows or labels are shifted against each other",
      "g holds ∇f's entries a place further on", ARRAYS,
      "Which image belongs to the first label?", arrays.shifted),
    H("reversed", "the entries come in reverse order (a kernel flipped, or not flipped)",
      "g holds ∇f's entries from the other end", ARRAYS,
      "Which entry of the kernel meets the first pixel?"),
    H("wrong axis", "it is summed over the wrong axis",
      "g = ∇f summed over an axis, and spread over it again", ARRAYS,
      "Which axis of the batch does the bias not have?", arrays.summed),
    H("not summed", "the sum over an axis, such as the batch, is missing",
      "g, summed over its extra axis, is ∇f", ARRAYS,
      "How many samples does one weight act on?"),
    H("one number", "one number stands in every entry: a slope along one direction, taken for "
      "the gradient",
      "g = (∇f · 1) 1", ONE_NUMBER,
      "How many numbers does one pass with one seed give? How many are in the array?"),
    H("entries left out", "some entries were never filled in",
      "g = ∇f at some places and 0 at the others", ARRAYS,
      "Which entries does your loop never reach?", arrays.parts),
    H("another array's gradient", "it is the gradient of another array",
      "g = ∇f of that array", ARRAYS,
      "In which order do you return the gradients?", arrays.exchanged),
    H("a factor too many", "a factor too many stands in each entry",
      "g = ∇f ⊙ w", FUNCTIONS,
      "Which variable do you differentiate by?", arrays.multiplied),
    H("sign only", "only the signs are left", "g = sign ∇f", DIRECTIONS,
      "Are there two entries of different size?", arrays.bent),
    H("absolute value", "all entries are positive", "g = |∇f|", DIRECTIONS,
      "Which of your entries is negative?"),
    H("squared", "each entry is squared", "g = (∇f)²", FUNCTIONS,
      "What happens to your gradient if the loss is doubled?"),
    H("clipped", "large entries are cut off", "g = clip ∇f", SMALL_PRINT,
      "How many entries have exactly the largest size?"),
    H("permuted", "the right numbers stand at the wrong places", "g = P ∇f", ARRAYS,
      "Does your index map the positions, or back?"),
    # --- a step inside of f ---
    H("diagonal of the Jacobian", "only the diagonal of a Jacobian is used where every entry "
      "depends on every other",
      "ṗᵢ = pᵢ (1 − pᵢ) żᵢ, without −pᵢ Σ pⱼ żⱼ", SOFTMAX,
      "If one logit rises, what happens to the other probabilities?", steps.diagonals),
    H("mask", "a mask is missing, or taken from the wrong side",
      "the step's slope is 1, or 1 − mask", FUNCTIONS,
      "What is the slope of relu left of 0?", steps.masks),
    H("slope missing", "the slope of a function inside is left out: the chain rule breaks there",
      "this step passes changes on as they are", FUNCTIONS,
      "By how much does the output move if the input moves by 1?", steps.slopes_missing),
    H("slope twice", "the slope of a function inside is applied twice",
      "the step's slope is φ′²", FUNCTIONS,
      "Which derivative does your loss already contain?", steps.slopes_twice),
    H("slope at the wrong place", "the slope of a function inside is taken at its value, or with "
      "a formula that wants the value, at its argument",
      "the step's slope is φ′(φ(z)), or ψ(z) where φ′ = ψ(φ)", FUNCTIONS,
      "Is s(1 − s) the derivative at z or at s?", steps.slopes_elsewhere),
    H("slope's formula", "the slope of a function inside has another formula than it should",
      "the step's slope is another known one", FUNCTIONS,
      "Hold your function's derivative against a difference at three points.",
      steps.slopes_other),
    H("a path left out", "a path from the array to f is left out: what lies on it is treated as a "
      "constant",
      "the step does not change when its input does", FUNCTIONS,
      "On how many ways does this array reach the loss?", steps.paths),
    H("product rule", "one term of the product rule (or of the quotient rule) is missing",
      "(ab)˙ = ȧ b, without a ḃ", FUNCTIONS,
      "Which of the two factors depends on x?"),
    H("a step's factor", "a factor is missing or too much at a step inside",
      "the step's slope is c times as large", FUNCTIONS,
      "Which constant stands in this line, and is it in its derivative?"),
    H("factor left out", "the factor of a whole layer is left out",
      "the layer passes changes on as they are", FUNCTIONS,
      "What does the chain rule multiply by when it goes through z = a W?", steps.layers),
    H("the wrong factor", "a matrix product has the wrong other factor: the value before the "
      "activation, another layer's, or the transpose",
      "ż = a′ Ẇ, with another a′", FUNCTIONS,
      "dz/dW for z = a W: which array is it that W multiplies?", steps.cofactors),
    H("another constant", "a number inside f is another: n − 1 for n, or a small one that stands "
      "beside the root and not under it",
      "g = ∇f̃, for an f̃ with that number", SMALL_PRINT,
      "Which numbers of your forward pass does your gradient use again?", steps.constants),
    # --- right, for something else ---
    H("another function", "it is the right gradient, of another function",
      "g = ∇f̃ exactly, for an f̃ of its own", PATIENT,
      "Does your code compute the loss that it differentiates?", variants.another_function),
    H("samples left out", "only a part of the samples counts",
      "g is the gradient for these samples alone", SMALL_PRINT,
      "Do you write = where += should be?", steps.samples),
    H("stale", "it belongs to a step before: values are kept and not renewed",
      "g(x) = ∇f(x before)", PATIENT,
      "When is the cache filled: before or after the update?"),
    H("accumulated", "it grows from call to call: it is added to what was there",
      "the second call gives more than the first", PATIENT,
      "What does the array hold before you add to it?"),
    H("random estimate", "it differs from call to call",
      "g = (∇f · v) v for random v", RANDOM,
      "What comes if you ask twice?"),
    H("cotangent ignored", "the gradient that comes in is not used",
      "g(x, ḡ) does not depend on ḡ", FUNCTIONS,
      "What should your backward give if what comes in is 0?"),
    # --- numbers ---
    H("difference quotient", "it is a difference quotient with a step too large, or too small",
      "g = (f(x + h) − f(x)) / h", NO_LIMIT,
      "What is the error at h = 1? At 10⁻¹⁶?"),
    H("noise", "it is right up to the noise of its number format", "g = ∇f + rounding", SMALL_PRINT,
      "How many digits does a float32 have?"),
    H("overflow", "it holds numbers that are not finite", "g is NaN or ∞ somewhere", SMALL_PRINT,
      "Which is the largest number whose exp float32 can hold?"),
    H("kink", "the point lies on a kink", "the slopes to the left and to the right differ",
      FUNCTIONS, "What is the slope of |x| at 0?"),
    H("f's own rule", "f's own rule for dual numbers disagrees with f's values",
      "the tangent is not the limit of differences", PATIENT,
      "Hold the rule against a difference, in check_jvp."),
    H("unknown", "its direction is wrong, and no hypothesis explains how", "–", PATIENT,
      "Where does it differ most?"),
)  # fmt: skip

BY_NAME = {h.name: h for h in TABLE}
