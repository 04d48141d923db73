"""Reading one webhook's form: bounded, validated, in types. What does not fit is BadCallback, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

MAX_BODY_BYTES = 65_536  # Twilio's largest, a long text, is below 10 kB
MAX_FIELDS = 200
MAX_VALUE = 10_000
MAX_RAW_FIELDS = 100

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class BadCallback(ValueError):
    """A signed webhook that makes no sense. `field` names the parameter, `why` what is wrong; neither holds a value."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


FormLike = Mapping[str, list[str]] | Iterable[tuple[str, str]]


def parse_body(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form-encoded body, blank ones kept, in order. Raises BadCallback when it is too big."""
    if len(body) > MAX_BODY_BYTES:
        raise BadCallback("body", f"longer than {MAX_BODY_BYTES} bytes")
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise BadCallback("body", "not form-encoded") from None
    except ValueError:
        raise BadCallback("body", f"more than {MAX_FIELDS} parameters") from None


class Form:
    """Typed access to the parameters; a blank one counts as absent."""

    def __init__(self, form: FormLike) -> None:
        pairs = (
            [(name, value) for name, values in form.items() for value in values]
            if isinstance(form, Mapping)
            else list(form)
        )
        if len(pairs) > MAX_FIELDS:
            raise BadCallback("body", f"more than {MAX_FIELDS} parameters")
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return any(self._values.get(name, ()))

    def raw(self) -> dict[str, str]:
        """Every parameter as it came, for the exchange log; long values cut."""
        items = list(self._values.items())[:MAX_RAW_FIELDS]
        return {name[:100]: values[0][:MAX_VALUE] for name, values in items}

    def find(self, name: str, *, most: int = 255) -> str | None:
        """The value, or None. Two different values under one name are refused: which is true cannot be known."""
        values = [value for value in dict.fromkeys(self._values.get(name, ())) if value]
        if not values:
            return None
        if len(values) > 1:
            raise BadCallback(name, "sent twice with different values")
        if len(values[0]) > most:
            raise BadCallback(name, f"longer than {most} characters")
        if _CONTROL.search(values[0]):
            raise BadCallback(name, "holds control characters")
        return values[0]

    def get(self, name: str, *, most: int = 255) -> str:
        value = self.find(name, most=most)
        if value is None:
            raise BadCallback(name, "missing")
        return value

    def find_match(self, name: str, pattern: re.Pattern[str], what: str) -> str | None:
        value = self.find(name)
        if value is not None and not pattern.fullmatch(value):
            raise BadCallback(name, f"is not {what}")
        return value

    def get_match(self, name: str, pattern: re.Pattern[str], what: str) -> str:
        value = self.find_match(name, pattern, what)
        if value is None:
            raise BadCallback(name, "missing")
        return value

    def find_whole(self, name: str, *, most: int) -> int | None:
        value = self.find(name, most=20)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()) or int(value) > most:
            raise BadCallback(name, f"is not a whole number up to {most}")
        return int(value)

    def find_instant(self, name: str) -> datetime | None:
        """An RFC 2822 date as an aware UTC instant."""
        value = self.find(name)
        if value is None:
            return None
        try:
            instant = parsedate_to_datetime(value)
            return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise BadCallback(name, "is not an RFC 2822 date") from None
