"""The people who act for an organisation, and how they come to."""
