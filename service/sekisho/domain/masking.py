"""Masked forms of identifiers, for people: enough to recognise, too little to use."""

MASK = "•"


def mask_tail(value: str, shown: int = 4) -> str:
    """Show the last characters only; at most half of the value."""
    shown = min(shown, len(value) // 2)
    return MASK * 4 + (value[-shown:] if shown else "")


def mask_name(name: str) -> str:
    """Show the first character of each part of a name."""
    return " ".join(part[0] + MASK * 2 for part in name.split()) or MASK * 2


def mask_contact(contact: str) -> str:
    """Show the end of a telephone number, or the first letter and domain of an address."""
    local, at, host = contact.partition("@")
    return f"{local[:1]}{MASK * 2}@{host}" if at else mask_tail(contact)
