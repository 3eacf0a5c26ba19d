"""Tails files: ACA-Py uploads them itself, and can be told where to by settings only."""

from yarl import URL

from agent.webvh.settings import WebvhSettings
from agent.wiring import WalletSettings


def upload_of_tails(ours: WebvhSettings) -> WalletSettings:
    """ACA-Py's settings that point its uploader at the registry.

    It is made where it is used (`AnonCredsRevocation.upload_tails_file`), so none of ours can be bound,
    and it sends no header: the token goes as the password of the URL, which aiohttp turns into Basic
    authentication. Whoever may read ACA-Py's settings (`/status/config`) could read it.
    """
    upload = URL(ours.registry_url).with_user("tails").with_password(ours.token)
    return WalletSettings(tails_server_base_url=ours.origin, tails_server_upload_url=str(upload).rstrip("/"))
