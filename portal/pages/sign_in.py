"""What the sign-in page says when somebody is not let in."""

from portal.forms.fields import FieldError

REFUSED = (
    FieldError(
        "email",
        "The e-mail address, password or code is not right, was used before, or the account is locked for a"
        " while after too many wrong tries",
    ),
)
"""One sentence for all of it: a stranger learns neither who has an account nor what was right."""
