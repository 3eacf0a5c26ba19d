"""How mail goes out."""

import asyncio
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from uuid import uuid4

import aiosmtplib

from worker.settings import Mail, Smtp

TIMEOUT_SECONDS = 30.0


class Post(ABC):
    """Takes messages."""

    @abstractmethod
    async def send(self, message: EmailMessage) -> None:
        """Send, or raise so that it is tried again."""


class SmtpPost(Post):
    """A mail server."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp

    async def send(self, message: EmailMessage) -> None:
        smtp = self._smtp
        await aiosmtplib.send(
            message,
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.username,
            password=smtp.password.get_secret_value() if smtp.password else None,
            start_tls=smtp.tls,
            cert_bundle=str(smtp.certificate_authority) if smtp.certificate_authority else None,
            timeout=TIMEOUT_SECONDS,
        )


class OutboxPost(Post):
    """A folder: each message is a file in it, at once and whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{uuid4()}.part"
        part.write_bytes(bytes(message))
        part.replace(self._folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}.eml")


def post_of(mail: Mail) -> Post:
    """The way that the settings say."""
    if mail.smtp is not None:
        return SmtpPost(mail.smtp)
    if mail.outbox is None:
        raise ValueError("mail goes by smtp, or into an outbox")
    return OutboxPost(mail.outbox)


def message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """An e-mail. Raises `ValueError` for an address or a subject that would be more than one header."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made
