"""What each page shows, from what the wallet's use cases answer. Nothing is decided here."""
