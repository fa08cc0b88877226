"""What the beginning of a zip file tells."""

from __future__ import annotations

LOCAL_HEADER = b"PK\x03\x04"


def first_name(head: bytes) -> str | None:
    """The name of the first file in a zip that begins with these bytes; None where it is no zip, or an empty one."""
    if not head.startswith(LOCAL_HEADER) or len(head) < 30:
        return None
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].decode("utf-8", "replace")
