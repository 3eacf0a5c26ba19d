"""The record of who did what: a chain, a Merkle tree over it, and signed checkpoints of that."""
