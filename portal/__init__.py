"""HR's pages: signs people in, and asks and tells the agents of their organisations for them."""
