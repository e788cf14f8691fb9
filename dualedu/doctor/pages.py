"""The pages of the book that a diagnosis points to, and their titles."""

PATIENT = "book/2-diagnosis/patient.html"
SOFTMAX = "book/2-diagnosis/softmax.html"
ONE_NUMBER = "book/2-diagnosis/one-number.html"
SMALL_PRINT = "book/2-diagnosis/small-print.html"
FUNCTIONS = "book/1-numbers/functions.html"
DIRECTIONS = "book/1-numbers/directions.html"
ARRAYS = "book/1-numbers/arrays.html"
NO_LIMIT = "book/1-numbers/no-limit.html"
EXACT = "book/3-training/exact.html"
RANDOM = "book/3-training/random.html"

TITLES = {
    PATIENT: "The notebook that would not learn",
    SOFTMAX: "First suspect: a derivative",
    ONE_NUMBER: "Second suspect: one number",
    SMALL_PRINT: "The small print",
    FUNCTIONS: "Functions and the chain rule",
    DIRECTIONS: "Directions",
    ARRAYS: "Arrays",
    NO_LIMIT: "A derivative without a limit",
    EXACT: "Exact gradients, forward",
    RANDOM: "Random directions",
}
