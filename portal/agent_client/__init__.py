"""What the portal asks of an organisation's agent, for the person in front of it: one class per plugin."""
