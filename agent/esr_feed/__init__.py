"""Reads ESR's outbound files, in a process of its own, which loads nothing of ACA-Py."""
