"""Under which name the audit has what the plugin does by itself."""

ACTOR = "system:esr"
"""The organisation's standing authority, given when its ESR link was activated; nobody in particular."""
