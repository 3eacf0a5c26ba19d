"""Tells an organisation's administrators what they should look at."""

from dataclasses import dataclass

from agent.domain.actors import Role
from agent.domain.ports.administrators import Administrators, Notice
from agent.domain.workforce import Organisation
from agent.organisation.notifications import NotificationKind, Notifications
from agent.organisation.people.records import PeopleRepository, PersonStatus
from agent.store.engine import Store

_KINDS = {Notice.SEARCHES: NotificationKind.SEARCHES}


@dataclass(frozen=True, slots=True)
class NotifiedAdministrators(Administrators):
    """Those who may act now, each by e-mail."""

    store: Store
    organisation: Organisation
    notifications: Notifications

    async def tell(self, notice: Notice) -> None:
        own = self.organisation.ods_code
        async with self.store.joined(own) as session:
            for person in await PeopleRepository(session, own).in_role(Role.ADMINISTRATOR):
                if person.status == PersonStatus.ACTIVE:
                    await self.notifications.ask(_KINDS[notice], person.id)
