"""Signed static documents on did:webvh: attested resources and DID logs, made and verified in one place.

Imports nothing of ours and no web framework; `fetching` is the one module that opens a socket.
"""
