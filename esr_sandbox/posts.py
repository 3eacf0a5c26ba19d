"""The posts of an invented NHS organisation."""

from dataclasses import dataclass
from random import Random

from esr_sandbox.records import RegistrationBody

REGISTERED_GROUPS = frozenset(
    {
        "Add Prof Scientific and Technic",
        "Allied Health Professionals",
        "Healthcare Scientists",
        "Medical and Dental",
        "Nursing and Midwifery Registered",
    }
)
"""Staff groups whose members need a professional registration."""
_BODIES: dict[str, RegistrationBody] = {
    "Medical and Dental": "GMC",
    "Nursing and Midwifery Registered": "NMC",
    "Allied Health Professionals": "HCPC",
    "Healthcare Scientists": "HCPC",
    "Add Prof Scientific and Technic": "GPhC",
}
_DENTIST = "Specialist Dental Officer"
CLINICAL_GROUPS = REGISTERED_GROUPS | {"Additional Clinical Services", "Students"}


@dataclass(frozen=True, slots=True)
class Post:
    """A kind of post: what its holder is called and does."""

    title: str
    occupation_code: str
    area_of_work: str
    staff_group: str
    job_role: str
    grade: str  # "code|name"
    department: str

    @property
    def is_registered(self) -> bool:
        """Whether the holder needs a professional registration."""
        return self.staff_group in REGISTERED_GROUPS

    @property
    def registration_body(self) -> RegistrationBody | None:
        """With whom the holder has to be registered."""
        return "GDC" if self.job_role == _DENTIST else _BODIES.get(self.staff_group)

    @property
    def is_clinical(self) -> bool:
        """Whether the holder meets patients."""
        return self.staff_group in CLINICAL_GROUPS


_NURSES = "Nursing and Midwifery Registered"
_BAND = "XR0{0}|Review Body Band {0}".format

STAFF_NURSE = Post(
    "Staff Nurse", "N6A", "Acute Medicine", _NURSES, "Staff Nurse", _BAND(5), "Ward 7 Medicine"
)
BANK_NURSE = Post("Bank Nurse Band 5", "N7B", "Bank", _NURSES, "Staff Nurse", _BAND(5), "Nurse Bank")
REGISTRAR = Post(
    "Specialty Registrar",
    "010",
    "Respiratory Medicine",
    "Medical and Dental",
    "Specialty Registrar",
    "MN37|Specialty Registrar",
    "Respiratory Medicine",
)
HONORARY_REGISTRAR = Post(
    "Honorary Clinical Lecturer",
    "010",
    "Medical Education",
    "Medical and Dental",
    "Specialty Registrar",
    "MN37|Specialty Registrar",
    "Medical Education",
)
HR_ADVISER = Post(
    "HR Adviser",
    "G1B",
    "Human Resources",
    "Administrative and Clerical",
    "Officer",
    _BAND(6),
    "Workforce Services",
)

POSTS = (
    STAFF_NURSE,
    REGISTRAR,
    HR_ADVISER,
    Post(
        "Sister/Charge Nurse", "N6A", "Surgery", _NURSES, "Sister/Charge Nurse", _BAND(6), "Ward 12 Surgery"
    ),
    Post("Midwife", "N2C", "Maternity", _NURSES, "Midwife", _BAND(6), "Delivery Suite"),
    Post(
        "Community Nurse", "N6H", "Community Health", _NURSES, "Community Nurse", _BAND(6), "District Nursing"
    ),
    Post(
        "Consultant in Geriatric Medicine",
        "010",
        "Geriatric Medicine",
        "Medical and Dental",
        "Consultant",
        "YC72|Consultant",
        "Older People's Medicine",
    ),
    Post(
        "Foundation Doctor Year 2",
        "021",
        "General Surgery",
        "Medical and Dental",
        "Foundation Year 2",
        "MN15|Foundation Year 2",
        "General Surgery",
    ),
    Post(
        "Physiotherapist",
        "S1E",
        "Physiotherapy",
        "Allied Health Professionals",
        "Physiotherapist",
        _BAND(6),
        "Therapies",
    ),
    Post(
        "Radiographer",
        "S1G",
        "Imaging",
        "Allied Health Professionals",
        "Radiographer - Diagnostic",
        _BAND(5),
        "Imaging",
    ),
    Post(
        "Pharmacist",
        "S1P",
        "Pharmacy",
        "Add Prof Scientific and Technic",
        "Pharmacist",
        _BAND(7),
        "Hospital Pharmacy",
    ),
    Post(
        "Biomedical Scientist",
        "U1J",
        "Blood Sciences",
        "Healthcare Scientists",
        "Biomedical Scientist",
        _BAND(5),
        "Pathology",
    ),
    Post(
        "Healthcare Assistant",
        "H1A",
        "Acute Medicine",
        "Additional Clinical Services",
        "Healthcare Assistant",
        _BAND(2),
        "Ward 7 Medicine",
    ),
    Post(
        "Ward Clerk",
        "G2A",
        "Acute Medicine",
        "Administrative and Clerical",
        "Clerical Worker",
        _BAND(2),
        "Ward 7 Medicine",
    ),
    Post(
        "Community Dentist",
        "973",
        "Dental",
        "Medical and Dental",
        _DENTIST,
        "YM72|Salaried Dentist",
        "Community Dental Service",
    ),
    Post("Porter", "G3B", "Portering", "Estates and Ancillary", "Porter", _BAND(2), "Estates and Facilities"),
)


def post(random: Random) -> Post:
    """Draw a post."""
    return random.choice(POSTS)


def every_post() -> tuple[Post, ...]:
    """List every kind of post, those that only the cast holds too."""
    return (*POSTS, BANK_NURSE, HONORARY_REGISTRAR)
