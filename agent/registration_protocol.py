"""What organisations and the operator say to one another over DIDComm: `organisation-registration/1.0`.

    organisation ── application ──►  operator      who we are; again after it was mended
    organisation ── enquiry ──────►  operator      how do we stand?
    organisation ── trust-request ►  operator      our DID, stated by itself
    organisation ◄── status ───────  operator      how it stands, stated by the operator's DID

Each message may come twice, or not at all: the organisation asks again, and the newest status counts.
"""

PROTOCOL = "organisation-registration/1.0"
APPLICATION = f"{PROTOCOL}/application"
ENQUIRY = f"{PROTOCOL}/enquiry"
TRUST_REQUEST = f"{PROTOCOL}/trust-request"
STATUS = f"{PROTOCOL}/status"

STATUS_STATEMENT = "StaffPassportRegistrationStatus"
TRUST_STATEMENT = "StaffPassportTrustListRequest"
"""The types of what is signed."""

GOAL = "Registration of your organisation with the staff passport's operator"
OPERATOR_ALIAS = "operator"
"""What an organisation's wallet calls its connection to the operator."""
MOST_BYTES = 32 * 1024
"""No application is longer."""
