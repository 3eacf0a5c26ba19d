"""Every table of ours is answered for by somebody, or says here why nobody has to."""

import sys

import agent.openapi
from agent.domain.ports.personal_data import PersonalData
from agent.store.tables import Table

assert agent.openapi.TABLES, "every plugin is imported once its routes are"

OF_NOBODY = {
    "audit.chain_heads": "how long the chain is",
    "audit.checkpoints": "signed roots of the chain",
    "audit.tree_nodes": "hashes",
    "audit.entries": "who acted, and salted references: it is kept whole, and leads to nobody after erasure",
    "audit.views": "what keeps a view from being recorded twice; forgotten after two days",
    "esr.search_attempts": "that a user searched, not for whom; forgotten after a day",
    "esr.search_alerts": "that a user's searches missed: their acts, as in the audit; forgotten after a year",
    "esr.cursors": "how far those are who are told of changes",
    "esr.feeds": "how far an organisation is with its files",
    "esr.imports": "names and digests of files, counts, and where in a file what is wrong; no values",
    "issuer.status_lists": "bits",
    "issuer.mass_revocations": "ids of passports, which lead to nobody after erasure",
    "trust.entries": "organisations, and which of the operator's people entered them: acts, as in the audit",
    "trust.publications": "what anybody may read, and public keys",
    "trust.roots": "what anybody may read, and who submitted it",
    "organisation.changes": "ids of passports, reviews and tasks that were written; forgotten after a day",
    "organisation.local_settings": "what an organisation chose, and who did so last: an act, as in the audit",
    "organisation.used_assertions": "ids of assertions, until they expire",
    "organisation.idempotency_keys": "answers, until a day is over or what they are about is erased",
}


def test_every_table_is_in_a_category_of_the_record_of_processing_or_of_nobody() -> None:
    told = [
        table
        for holder in PersonalData.__subclasses__()
        if holder.__module__.startswith("agent.")
        for category in sys.modules[holder.__module__].CATEGORIES
        for table in category.tables
    ]
    tables = {table.fullname for table in Table.metadata.sorted_tables}

    assert len(told) == len(set(told))
    assert not set(told) & set(OF_NOBODY)
    assert set(told) | set(OF_NOBODY) == tables
