"""What answers a request: a view parses, asks and presents, and holds no rule."""
