"""The e-mails of a demonstration, which lie in a folder: what people would find in their mailboxes."""

import asyncio
import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

PATIENCE_SECONDS = 30
_LOOK_EVERY_SECONDS = 0.02
_LINK = re.compile(r"https?://\S+/(?P<page>[a-z-]+)/[A-Z0-9]{3,6}/(?P<token>[A-Za-z0-9_-]{20,})")


class NoSuchMail(Exception):
    """Nothing came in time."""


class Outbox:
    """Every message that the worker sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def link(self, to: str, page: str, *, after: int = 0) -> str:
        """The token in the newest message to somebody with a link to `page`, once more than `after` came."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.links(to, page)) <= after:
            if time.monotonic() > deadline:
                raise NoSuchMail(f"no message with a link to {page} came to {to}")
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        return found[-1]

    def links(self, to: str, page: str) -> list[str]:
        """Every token that was sent to somebody, oldest first."""
        texts = [str(message.get_content()) for message in self.messages() if message["To"] == to]
        links = [found for text in texts for found in _LINK.finditer(text)]
        return [found["token"] for found in links if found["page"] == page]

    def messages(self) -> list[EmailMessage]:
        """All of them, oldest first."""
        files = sorted(self._folder.glob("*.eml")) if self._folder.is_dir() else []
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
