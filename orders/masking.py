"""Masked personal data for people who hold a link: enough to recognise one's own, too little for anybody else."""


def mask_name(name: str | None) -> str:
    """Return the initial: Mira Jansen -> M."""
    return f"{name.strip()[:1]}." if name and name.strip() else ""


def mask_email(email: str | None) -> str:
    """Return the first letter and the provider: m•••@example.com."""
    local, at, domain = (email or "").partition("@")
    return f"{local[:1]}•••@{domain}" if at else ""


def mask_phone(phone: str | None) -> str:
    """Return the last two digits: ••• 12."""
    digits = "".join(character for character in phone or "" if character.isdigit())
    return f"••• {digits[-2:]}" if len(digits) > 2 else ""
