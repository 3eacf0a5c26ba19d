"""The phone: pages of a person's own wallet, for the one who holds it. A demonstration of a wallet app."""
