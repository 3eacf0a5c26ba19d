"""What this plugin is told at start; the agent's process tells ACA-Py the rest."""

from typing import Annotated

from pydantic import StringConstraints

from agent.plugin_settings import PluginSettings

Nym = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]{21,22}$")]
"""A DID on a ledger, as the ledger has it: without `did:sov:`."""


class IndySettings(PluginSettings):
    """`operator` is the ledger's DID under which the national schemas stand."""

    operator: Nym | None = None
