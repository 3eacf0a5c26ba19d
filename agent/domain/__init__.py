"""The words everyone shares; imports nothing of ours and no framework."""
