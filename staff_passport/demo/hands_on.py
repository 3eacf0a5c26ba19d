"""What somebody needs who walks the journey by hand: HR's portal, a phone, and what to click."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from staff_passport.demo.network import CALDER_BAY, LOOPBACK, NORTHMOOR, Network, free_port
from staff_passport.demo.portal import StartedPortal, portal_settings, start_portal

type Json = dict[str, Any]

HOLDER = "amara"
"""Whose phone it is: somebody of whom nothing has been issued yet."""
PERSONAS: Sequence[Json] = (
    {
        "email": f"director@{NORTHMOOR.slug}.example",
        "name": "the HR director",
        "what": f"{NORTHMOOR.name}: registers the organisation and accepts its terms",
    },
    {
        "email": f"administrator@{NORTHMOOR.slug}.example",
        "name": "an administrator",
        "what": f"{NORTHMOOR.name}: decides who may do what",
    },
    {
        "email": f"ottilie@{NORTHMOOR.slug}.example",
        "name": "Ottilie Brackwell",
        "what": f"HR at {NORTHMOOR.name}: issues staff passports",
    },
    {
        "email": f"kofi@{NORTHMOOR.slug}.example",
        "name": "Kofi Lindale",
        "what": f"HR at {NORTHMOOR.name}: the second person, where one is needed",
    },
    {
        "email": f"wanjiru@{CALDER_BAY.slug}.example",
        "name": "Wanjiru Stanford",
        "what": f"HR at {CALDER_BAY.name}: asks people to show theirs",
    },
)
GUIDE = "docs/how-to/walk-the-demonstration.md"
SCRIPT = (
    "Portal: “Sign in as Ottilie Brackwell”, then “Issue”. The person is Amara Fennwick, born 17 May 1990,",
    "   National Insurance number JR482913B. “Search ESR”, choose the assignment, “Continue”,",
    "   “Create the passport and invite”. Copy the link.",
    "Phone: “Scan”, paste the link, “See who invites you”, “Answer the invitation”. It shows a code.",
    "Portal: “Confirm the person”, type the code, “Confirm”, “Offer the credentials”.",
    "Phone: “Look at the offer”, “Continue”. The portal shows it as issued by itself.",
    "Portal: “Sign out”, “Sign in as Wanjiru Stanford”, “Reviews”, “Begin a review”, say what for,",
    "   “Make the invitation”, “They cannot scan it”. Phone: paste its link in the same way.",
    "Portal: “Choose what to ask for”, “Ask the person”. Phone: “See what they ask for”, “Share”.",
    "Portal: “See what was shown”, “Accept or reject”: “Accept”, a reason, “Decide”.",
    "Portal: as Ottilie, open the passport, “End the passport”. As Wanjiru, “Reviews”, see the alerts,",
    "   “Ask again” in the review, and share again: it is “Refused”.",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the portal and the phone will be; agents are told before either is there."""

    portal: int
    phone: int

    @classmethod
    def free(cls) -> "Addresses":
        """Two ports that nobody listens on."""
        return cls(free_port(), free_port())

    @property
    def portal_url(self) -> str:
        return f"http://{LOOPBACK}:{self.portal}"

    @property
    def phone_url(self) -> str:
        return f"http://{LOOPBACK}:{self.phone}"

    @property
    def told_agents(self) -> Mapping[str, Json]:
        """Over every agent's settings: e-mails lead to the portal, invitations to the phone."""
        return {
            "organisation": {"portal": self.portal_url},
            "didcomm": {"invitation_page": f"{self.phone_url}/invitation"},
        }


async def prepare(
    network: Network, addresses: Addresses, name: str = "portal", holder: str = HOLDER
) -> StartedPortal:
    """Start the portal under a name, with an account for each persona, and the phone of `holder`."""
    settings = portal_settings(network, addresses.portal, personas=PERSONAS, name=name)
    portal, _ = await asyncio.gather(
        _portal_with_accounts(network, settings, name),
        network.start_wallet(holder, phone=addresses.phone),
    )
    return portal


async def _portal_with_accounts(network: Network, settings: Json, name: str) -> StartedPortal:
    # Not before it is needed: an unattended demonstration has no portal.
    from portal.commands import new_account  # noqa: PLC0415
    from portal.settings import Settings  # noqa: PLC0415

    started = await start_portal(network, settings, name)
    for persona in PERSONAS:
        await new_account(Settings.model_validate(settings), persona["email"])
    return started


def tell(console: Console, addresses: Addresses) -> None:
    """Say where both are, who there is, and what to click."""
    console.print("\n  Now by hand. Open two windows beside each other:\n")
    console.print(f"  {'Portal':<9}{addresses.portal_url}   HR's pages", highlight=False)
    console.print(
        f"  {'Phone':<9}{addresses.phone_url}   Amara Fennwick's, a nurse at Northmoor\n", highlight=False
    )
    console.print(
        "  The portal's sign-in page has a button for each of these; there is no password to type:\n"
    )
    for persona in PERSONAS:
        name = f"{persona['name'][:1].upper()}{persona['name'][1:]}"
        console.print(f"  {name:<18}{persona['what']}", markup=False, highlight=False)
    console.print()
    _tell_script(console)
    console.print(f"\n  The same with more words: {GUIDE}", highlight=False)


def _tell_script(console: Console) -> None:
    number = 0
    for line in SCRIPT:
        number += not line.startswith(" ")
        head = "   " if line.startswith(" ") else f"{number}. "
        console.print(f"  {head}{line.strip()}", markup=False, highlight=False)
