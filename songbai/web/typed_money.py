"""Money as people type it."""


def fen_typed(text: str) -> int | None:
    """Yuan as typed, with at most two places, in fen; None for anything else."""
    whole, _, rest = text.strip().partition(".")
    if whole.isdecimal() and (not rest or (rest.isdecimal() and len(rest) <= 2)):
        return int(whole) * 100 + int(rest.ljust(2, "0") or "0")
    return None
