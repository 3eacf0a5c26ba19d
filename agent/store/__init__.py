"""The relational store: one engine, one unit of work, migrations; each plugin has its own tables."""
