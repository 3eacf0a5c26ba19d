"""`python -m staff_passport`: the console program of this very Python."""

from staff_passport.cli import app

app()
