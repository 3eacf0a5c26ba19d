"""Routes that cannot be imported."""

raise RuntimeError("the queue is not there")
