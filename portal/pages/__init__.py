"""What a page says: made from an agent's answers, for a template."""
