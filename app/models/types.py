"""Column types and mixins that every aggregate shares."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from app.extensions import clock

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class FieldCipher:
    """AES-256-GCM for personal fields and a keyed hash for looking them up. Bootstrap gives it FIELD_KEY."""

    def __init__(self) -> None:
        self._aead: AESGCM | None = None
        self._index_key = b""

    def configure(self, field_key: bytes) -> None:
        self._aead = AESGCM(field_key)
        self._index_key = hmac.digest(field_key, b"blind index v1", "sha256")

    def encrypt(self, text: str) -> bytes:
        if self._aead is None:
            raise RuntimeError("FIELD_KEY has not been given to the field cipher")
        nonce = os.urandom(12)
        return b"\x01" + nonce + self._aead.encrypt(nonce, text.encode(), None)

    def decrypt(self, blob: bytes) -> str:
        if self._aead is None:
            raise RuntimeError("FIELD_KEY has not been given to the field cipher")
        try:
            return self._aead.decrypt(blob[1:13], blob[13:], None).decode()
        except InvalidTag as error:
            raise RuntimeError("a personal field was written under another FIELD_KEY") from error

    def blind(self, text: str) -> str:
        """32 hex digits: equal for equal texts, useless without the key. For unique indexes and exact lookups."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()[:32]


cipher = FieldCipher()


class EncryptedText(TypeDecorator[str]):
    """Text that lies encrypted in the database and in its backups."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else cipher.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return None if value is None else cipher.decrypt(bytes(value))


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored as its value; an unknown value in the database is an error, not a guess."""

    impl = String(32)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: Any) -> str | None:
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Any) -> StrEnum | None:
        return None if value is None else self.members(value)


class AreaMixin:
    """Where a row belongs in the grid: its node and, denormalised, that node's ancestor at each level.

    Row scope is an equality on one of these columns (STACK A4: 1 ms where a path range needs 700 ms). They are filled
    from the node or the household when the row is flushed, never from a form (app.queries.scope).
    """

    @declared_attr
    def node_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("grid_node.id"), index=True)

    l1_id: Mapped[int | None] = mapped_column(BigId)
    l2_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l3_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l4_id: Mapped[int | None] = mapped_column(BigId)
    l5_id: Mapped[int | None] = mapped_column(BigId)


AREA_COLUMNS = ("node_id", "l1_id", "l2_id", "l3_id", "l4_id", "l5_id")


def now() -> datetime:
    """Default for *_at columns: the injected clock's instant."""
    return clock.now()
