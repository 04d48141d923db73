"""Receipt numbers of applications: ten random digits and a check digit, said over the phone without mistakes.

The check digit is ISO 7064 MOD 11,10: it notices every wrong digit and almost every swap of two neighbours.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

_DIGITS = 10


def make_receipt() -> str:
    """Eleven digits. Random, so that nobody learns from one receipt what another may be; the first is never 0."""
    body = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(_DIGITS - 1))
    return body + check_digit(body)


def check_digit(body: str) -> str:
    product = 10
    for digit in body:
        product = (int(digit) + product - 1) % 10 + 1  # 0 counts as 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def read_receipt(text: str) -> str | None:
    """The eleven digits of what somebody typed, full-width digits and spaces allowed; None when it cannot be one."""
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if len(digits) != _DIGITS + 1 or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def show_receipt(receipt: str) -> str:
    """1234 5678 901: in groups, as people read numbers out."""
    return f"{receipt[:4]} {receipt[4:8]} {receipt[8:]}"
