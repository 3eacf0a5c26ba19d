"""How fast people click. Apart from locust, which changes how sockets work in whatever loads it."""

LEAST_SECONDS, MOST_SECONDS = 5, 10
"""Between two clicks: somebody reads what they asked for."""
