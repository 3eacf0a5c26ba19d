"""A stand-in for ESR with invented people, for the demo, tests and training; imports nothing of ours."""
