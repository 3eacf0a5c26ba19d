"""The console program that starts every process of Staff Passport, and what it needs around them."""
