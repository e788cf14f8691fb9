"""`%pip` in a notebook: a sentence instead of an installation."""

from .piplite import REFUSAL


async def get_transformed_code(argv: list[str]) -> str:
    return f"print({REFUSAL!r})"
