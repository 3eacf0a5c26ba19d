"""What people send: parsed once, with a sentence for each field that cannot be read."""
