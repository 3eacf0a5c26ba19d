"""The whole journey on one machine, with real agents, a real wallet and a real registry."""
