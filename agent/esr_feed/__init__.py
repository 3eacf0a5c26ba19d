"""Reads ESR's outbound files, in a process of its own: it loads nothing of ACA-Py, and stands beside the plugin."""
