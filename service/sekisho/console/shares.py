"""Shares, as pages show them."""


def percent(part: float, whole: float) -> str:
    """Return a share, `12.3 %`; a dash of nothing."""
    return f"{100 * part / whole:.1f}\u202f%" if whole else "–"
