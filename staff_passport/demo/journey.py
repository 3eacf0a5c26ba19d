"""The journey of one person's passport, step by step, through the agents' own API."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agent_client import AgentClient, CallFailed
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network, inbox_of, write_whole
from staff_passport.demo.waiting import NotAsItShouldBe, until
from staff_passport.demo.wallet_client import WalletClient, WalletFailed

type Json = dict[str, Any]

SILENCE_SECONDS = 3
"""How long the host waits, the second time, for a wallet that has nothing to show."""

CREDENTIALS = 3
"""In one passport."""
PERSON = "idris"
DOCTOR = {
    "surname": "Calderford",
    "forenames": "Idris",
    "date_of_birth": "1988-09-02",
    "ni_number": "SA305118D",
}
"""An invented doctor with two assignments."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happens, and who or what is told of it."""

    name: str
    sentence: str
    do: Callable[[], Awaitable[str]]


@dataclass(slots=True)
class Journey:
    """What has been made so far. Each step answers one line about what came of it."""

    network: Network
    verdicts: list[Json] = field(default_factory=list)
    match: Json = field(default_factory=dict)
    passport: Json = field(default_factory=dict)
    review: Json = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in their order."""
        return (
            Step("search", "Northmoor's HR finds Dr Idris Calderford in ESR", self.search),
            Step("passport", "HR chooses one of his assignments and makes a passport", self.create_passport),
            Step("connect", "Idris scans one QR code, and his wallet connects", self.connect),
            Step("confirm", "He reads out a code; HR keys it: the connection is his", self.confirm),
            Step("issue", "Three credentials are offered, accepted, checked again, issued", self.issue),
            Step("invite", "Calder Bay's HR invites him; his wallet connects", self.connect_to_host),
            Step("verify", "Calder Bay asks for all three in one presentation; he agrees", self.verify),
            Step("verify anoncreds", "The same once more, in AnonCreds' form", self.verify_anoncreds),
            Step("change", "ESR's files tell Northmoor that he changes department", self.hear_of_a_change),
            Step("revoke", "Northmoor revokes the passport", self.revoke),
            Step("alert", "Calder Bay, which nobody told, looks at what it accepted", self.be_alerted),
            Step("ask again", "Calder Bay asks again; he presents what he still holds", self.ask_again),
            Step("ask again anoncreds", "And in AnonCreds' form: nothing can be proven", self.ask_in_vain),
        )

    @property
    def employer(self) -> AgentClient:
        """Northmoor's agent, with a nominated user in front of it."""
        return self.network.client(NORTHMOOR, "ottilie")

    @property
    def host(self) -> AgentClient:
        """Calder Bay's agent, with a nominated user in front of it."""
        return self.network.client(CALDER_BAY, "wanjiru")

    @property
    def wallet(self) -> WalletClient:
        """Idris's wallet."""
        return self.network.wallets[PERSON]

    async def search(self) -> str:
        """Search, through the gate and the match."""
        self.match = await self.employer.post("/esr/searches", DOCTOR)
        agreed = [field["name"] for field in self.match["fields"] if field["agreement"] == "agrees"]
        return f"{self.match['strength']} match: {', '.join(agreed)} agree"

    async def create_passport(self) -> str:
        """Choose the primary assignment among those that were found."""
        choices = self.match["assignments"]
        chosen = next(assignment for assignment in choices if assignment["primary"])
        body = {"search": self.match["search"], "assignment_number": chosen["number"]}
        self.passport = await self.employer.post("/passports", body)
        return f"{chosen['number']}, {chosen['position_title']}, one of {len(choices)} assignments"

    async def connect(self) -> str:
        """Take up the invitation."""
        invitation = await self.employer.get(f"{self._passport_path}/invitation")
        inviting = await self._who_invites(invitation["url"])
        await self.wallet.connect(invitation["url"])
        await self._until_passport("connected")
        return f"{inviting}; whose wallet it is, is not known yet: nothing is offered"

    async def confirm(self) -> str:
        """Compare the code that both ends derive from the connection."""
        (connection,) = (await self.wallet.get("/wallet/connections"))["connections"]
        code = connection["comparison_code"]
        await self.employer.post(f"{self._passport_path}/compared-code", {"code": code})
        return f"the wallet shows {code[:4]} {code[4:]}, and so does the agent"

    async def issue(self) -> str:
        """Offer, accept each, and wait until all are held."""
        await self.employer.post(f"{self._passport_path}/offers")
        for offer in await self._offers(CREDENTIALS):
            await self.wallet.post(f"/wallet/offers/{offer['id']}/accept")
        held = await until(self._credentials, lambda found: {c["state"] for c in found} == {"active"})
        return ", ".join(credential["type"].replace("_", " ") for credential in held)

    async def connect_to_host(self) -> str:
        """The host begins a review, and the person connects to it."""
        self.review = await self.host.post("/reviews", {"purpose": "Starting work on the cardiology ward"})
        invitation = await self.host.get(f"{self._review_path}/invitation")
        inviting = await self._who_invites(invitation["url"])
        await self.wallet.connect(invitation["url"])
        await until(lambda: self.host.get(self._review_path), lambda found: found["state"] == "connected")
        return f"{inviting}; Northmoor knows nothing of it"

    async def verify(self) -> str:
        """Ask, agree, judge: in W3C's form, which a wallet that has it prefers."""
        return await self._verified_in("w3c")

    async def verify_anoncreds(self) -> str:
        """Ask, agree, judge: in AnonCreds' form, as a stock wallet answers."""
        return await self._verified_in("anoncreds")

    async def _verified_in(self, form: str) -> str:
        asked = await self._ask()
        await self._present(form)
        verdict = await self._verdict(asked["id"])
        self._expect(f"presentation in {form}", verdict, "accepted")
        claims = {name: value for shown in verdict["credentials"] for name, value in shown["claims"].items()}
        return f"accepted: {claims['legalSurname']}, {claims['positionTitle']}, {claims['employer']} ({form})"

    async def hear_of_a_change(self) -> str:
        """A full file comes in, he moves, and the next file says so: somebody in HR has to look at it."""
        number, vpd = self.passport["assignment_number"], NORTHMOOR.vpd
        await self._file_comes_in("F")
        path = f"/people/{vpd}/{number[:8]}/assignments/{number}"
        await self.network.sandbox("PATCH", path, {"organisation": "Cardiology"})
        await self._file_comes_in("D")

        async def tasks() -> list[Json]:
            found: list[Json] = (await self.employer.get("/tasks?state=open"))["tasks"]
            return [task for task in found if task["kind"] == "staff_change"]

        (task,) = await until(tasks, lambda found: len(found) == 1)
        return f"a task for HR: {task['reason'].replace('_', ' ')} ({task['comment']})"

    async def _file_comes_in(self, kind: str) -> None:
        """The worker has it imported within a minute; here it is told to at once."""
        file = await self.network.sandbox("POST", "/outbound-files", {"vpd": NORTHMOOR.vpd, "kind": kind})
        write_whole(inbox_of(self.network, NORTHMOOR) / file["name"], file["text"])

        async def is_imported() -> bool:
            with suppress(CallFailed):  # another import is under way
                await self.network.machine(NORTHMOOR).post("/esr/imports")
            found = (await self.network.client(NORTHMOOR).get("/esr/imports"))["imports"]
            return any(one["file_name"] == file["name"] and one["state"] == "imported" for one in found)

        await until(is_imported, bool)

    async def revoke(self) -> str:
        """Take all of it back."""
        ended = await self.employer.post(
            f"{self._passport_path}/deactivation", {"reason": "employment_ended"}
        )
        states = {credential["state"] for credential in await self._credentials()}
        if states != {"revoked"}:
            raise NotAsItShouldBe(f"the credentials are {', '.join(sorted(states))}")
        return f"passport {ended['state']}, three credentials revoked and published"

    async def be_alerted(self) -> str:
        """The host's own rounds find what was revoked after it was accepted."""

        async def alerts() -> list[Json]:
            found: list[Json] = (await self.host.get("/alerts?unseen=true"))["alerts"]
            return found

        found = await until(alerts, lambda told: len(told) == CREDENTIALS)
        standings = {alert["standing"] for alert in found}
        if standings != {"revoked"}:
            raise NotAsItShouldBe(f"the alerts say {', '.join(sorted(standings))}")
        return "three alerts: each of them was revoked since"

    async def ask_again(self) -> str:
        """The lists that Northmoor signs say what became of the credentials."""
        asked = await self._ask()
        await self._present("w3c")
        verdict = await self._verdict(asked["id"])
        self._expect("after revocation, in w3c", verdict, "refused")
        return f"refused: {', '.join(reason['code'] for reason in verdict['reasons'])}"

    async def ask_in_vain(self) -> str:
        """A wallet can prove nothing that was revoked; silence is not acceptance."""
        asked = await self._ask(answer_within_seconds=SILENCE_SECONDS)
        try:
            await self._present("anoncreds")
        except WalletFailed as refused:
            told = refused.code
        else:
            raise NotAsItShouldBe("the wallet proved that revoked credentials are not")
        verdict = await self._verdict(asked["id"])
        self._expect("after revocation, in anoncreds", verdict, "unavailable")
        reasons = ", ".join(reason["code"] for reason in verdict["reasons"])
        return f"not accepted: {verdict['verdict']} ({reasons}); the wallet said {told}"

    async def _who_invites(self, invitation: str) -> str:
        """His wallet looks them up in the trust list before it connects."""
        host = (await self.wallet.post("/wallet/invitations", {"invitation": invitation}))["host"]
        return f"the trust list knows who invites him: {_registered(host)}"

    async def _ask(self, **body: int) -> Json:
        return await self.host.post(f"{self._review_path}/presentation-requests", body)

    async def _present(self, form: str) -> None:
        request = await self._next_request()
        _registered(request["host"])
        agreed = {"digest": request["digest"], "form": form}
        await self.wallet.post(f"/wallet/requests/{request['id']}/present", agreed)

    def _expect(self, name: str, request: Json, expected: str) -> None:
        reasons = [reason["code"] for reason in request["reasons"]]
        self.verdicts.append({"name": name, "verdict": request["verdict"], "reasons": reasons})
        if request["verdict"] != expected:
            raise NotAsItShouldBe(f"{name}: {request['verdict']} {reasons}, where it must be {expected}")

    async def _offers(self, count: int) -> list[Json]:
        async def waiting() -> list[Json]:
            found: list[Json] = (await self.wallet.get("/wallet/offers?state=offer-received"))["offers"]
            return found

        return await until(waiting, lambda found: len(found) == count)

    async def _next_request(self) -> Json:
        async def waiting() -> list[Json]:
            found: list[Json] = (await self.wallet.get("/wallet/requests?state=request-received"))["requests"]
            return found

        (request,) = await until(waiting, lambda found: len(found) == 1)
        return request

    async def _credentials(self) -> list[Json]:
        found: list[Json] = (await self.employer.get(f"{self._passport_path}/credentials"))["credentials"]
        return found

    async def _verdict(self, request: str) -> Json:
        decided = ("accepted", "refused", "declined", "unavailable")
        path = f"/presentation-requests/{request}"
        return await until(lambda: self.host.get(path), lambda found: found["verdict"] in decided)

    async def _until_passport(self, state: str) -> None:
        await until(lambda: self.employer.get(self._passport_path), lambda found: found["state"] == state)

    @property
    def _passport_path(self) -> str:
        return f"/passports/{self.passport['id']}"

    @property
    def _review_path(self) -> str:
        return f"/reviews/{self.review['id']}"


def _registered(host: Json) -> str:
    """The name that the wallet shows of who invites or asks. Raises `NotAsItShouldBe` for a stranger."""
    if host["standing"] != "registered":
        raise NotAsItShouldBe(f"the wallet takes who asks for {host['standing']}")
    return f"{host['name']} ({host['ods_code']})"
