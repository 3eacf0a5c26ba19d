"""The registry: signed static documents that anyone may read, and that only verified writes change."""
