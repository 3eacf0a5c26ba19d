"""Tails files: ACA-Py uploads them itself, and can be told where to by settings only."""

from acapy_agent.config.settings import Settings
from yarl import URL

from agent.webvh.settings import WebvhSettings


def let_acapy_upload_tails(acapy: Settings, ours: WebvhSettings) -> None:
    """Point ACA-Py's uploader at the registry.

    It is made where it is used (`AnonCredsRevocation.upload_tails_file`), so none of ours can be bound,
    and it sends no header: the token goes as the password of the URL, which aiohttp turns into Basic
    authentication. Whoever may read ACA-Py's settings (`/status/config`) could read it.
    """
    upload = URL(ours.registry_url).with_user("tails").with_password(ours.token)
    acapy.set_value("tails_server_base_url", ours.origin)
    acapy.set_value("tails_server_upload_url", str(upload).rstrip("/"))
