"""What organisations chose for themselves, as administrators change it."""

from typing import Any

from agent_client import AgentClient

type Json = dict[str, Any]

NAMES = ("passport_invitation_days", "review_invitation_days", "usual_types", "usual_wait_hours")


def chosen(told: Json, of: str = "value") -> Json:
    """What counts, as it is sent; or what does when nothing is chosen (`at_start`)."""
    return {name: told[name] and told[name][of] for name in NAMES}


async def change(administrator: AgentClient, **changed: object) -> Json:
    """Change something, and leave all else."""
    read = await administrator.get("/local-settings")
    return await administrator.post(
        "/local-settings", {**chosen(read), **changed, "version": read["version"]}
    )


async def is_as_at_start(administrator: AgentClient) -> None:
    """Have nothing chosen any more."""
    read = await administrator.get("/local-settings")
    if chosen(read) != chosen(read, "at_start"):
        await change(administrator, **chosen(read, "at_start"))
