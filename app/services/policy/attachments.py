"""The file of a policy document, kept with it in the database."""

from __future__ import annotations

from pathlib import PurePosixPath

from app.domain.msgids import N_
from app.models import PolicyDocument

MAX_BYTES = 10_000_000
# ending → (media type, how such a file begins)
_KINDS = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    ".doc": ("application/msword", (b"\xd0\xcf\x11\xe0",)),
}


class AttachmentError(ValueError):
    """`message` is a msgid."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def attach(document: PolicyDocument, name: str, content: bytes) -> None:
    """Puts the file in the place of an earlier one. Raises AttachmentError; nothing is changed then."""
    base = PurePosixPath(name.replace("\\", "/")).name
    kind = _KINDS.get(PurePosixPath(base).suffix.lower())
    if not content:
        raise AttachmentError(N_("Choose a file first."))
    if len(content) > MAX_BYTES:
        raise AttachmentError(N_("The file is larger than 10 MB."))
    if kind is None or not content.startswith(kind[1]):
        raise AttachmentError(
            N_("Only PDF, Word, PNG and JPEG files are kept, and the content must be what the name says.")
        )
    document.file_name, document.file_type, document.file_content = base[-200:], kind[0], content
