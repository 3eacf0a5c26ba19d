"""How the organisation comes to be registered, and all that has to be done until its word counts."""
