"""The worker: sends what agents have to tell people, and does what is due by the calendar."""
