"""What a password must be, and how a first one is made."""

from __future__ import annotations

import secrets

from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_babel import gettext
from werkzeug.security import check_password_hash, generate_password_hash

SHORTEST = 8
LONGEST = 128  # scrypt reads all of it: a bound, so that nobody sends a megabyte
# No 0/O, 1/l/I: one-time passwords are read over the telephone and typed on small keyboards.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
ONE_TIME_LENGTH = 12
METHOD = "scrypt"  # with the library's cost: about a tenth of a second and 32 MB


def check_strength(password: str) -> None:
    """At least 8 characters with letters and digits. Raises PasswordComplexityValidationError (translated)."""
    long_enough = SHORTEST <= len(password) <= LONGEST
    if not (long_enough and any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
        raise PasswordComplexityValidationError(
            gettext("The password needs at least 8 characters, with letters and digits.")
        )


def one_time_password() -> str:
    """12 random characters (about 67 bits) that satisfy `check_strength`; its owner must replace it at first log-in."""
    pick = secrets.SystemRandom()
    letters = [pick.choice(_LETTERS) for _ in range(ONE_TIME_LENGTH - 4)]
    digits = [pick.choice(_DIGITS) for _ in range(4)]
    characters = letters + digits
    pick.shuffle(characters)
    return "".join(characters)


def hash_password(password: str) -> str:
    return generate_password_hash(password, method=METHOD, salt_length=16)


def is_right(stored: str, password: str) -> bool:
    return check_password_hash(stored, password)
