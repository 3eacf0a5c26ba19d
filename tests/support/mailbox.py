"""What somebody finds in their mailbox, and where its links lead."""

import re
from urllib.parse import urlsplit

from staff_passport.demo.network import Network

ADDRESS = re.compile(r"https?://\S+")


async def link_to(network: Network, to: str, page: str, *, after: int = 0) -> str:
    """The path of the newest link to `page` that was sent to somebody, once more than `after` came."""
    token = await network.outbox.link(to, page, after=after)
    texts = [str(message.get_content()) for message in network.outbox.messages() if message["To"] == to]
    (address,) = {found for text in texts for found in ADDRESS.findall(text) if token in found}
    return str(urlsplit(address).path)
