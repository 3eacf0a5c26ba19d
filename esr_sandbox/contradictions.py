"""Answers that are well formed and cannot be true, as systems of record now and then give them."""

from enum import StrEnum

type Wire = dict[str, object]

_SOMEBODY_ELSE = "99999999"


class Contradiction(StrEnum):
    """What is wrong with the answers. Each is within the contract's schema, and against what it says."""

    WRONG_PERSON = "wrong_person"  # asked for one employee number, ESR answers with another's
    WRONG_USER = "wrong_user"  # the same for a user's access
    OTHERS_ASSIGNMENT = "others_assignment"  # among a person's assignments is one of somebody else
    ASSIGNMENT_TWICE = "assignment_twice"  # two effective-dated slices came through as two assignments
    ENDS_BEFORE_START = "ends_before_start"  # an assignment is over before it begins
    CHECK_TWICE = "check_twice"  # the same check twice, with two outcomes


class Contradictions:
    """Which contradictions the answers have now; none by default."""

    def __init__(self) -> None:
        self.present: frozenset[Contradiction] = frozenset()

    def person(self, answer: Wire) -> Wire:
        """Answer for a person."""
        wrong = Contradiction.WRONG_PERSON in self.present
        return {**answer, "employeeNumber": _SOMEBODY_ELSE} if wrong else answer

    def access(self, answer: Wire) -> Wire:
        """Answer for a user's access."""
        wrong = Contradiction.WRONG_USER in self.present
        return {**answer, "employeeNumber": _SOMEBODY_ELSE} if wrong else answer

    def assignments(self, answers: list[Wire]) -> list[Wire]:
        """Answer for a person's assignments."""
        if Contradiction.ENDS_BEFORE_START in self.present:
            answers = [{**each, "effectiveEnd": "1990-01-01"} for each in answers]
        if Contradiction.ASSIGNMENT_TWICE in self.present:
            answers = [*answers, *({**each, "fte": 0.5} for each in answers[:1])]
        if Contradiction.OTHERS_ASSIGNMENT in self.present:
            answers = [*answers, *({**each, "assignmentNumber": _SOMEBODY_ELSE} for each in answers[:1])]
        return answers

    def checks(self, answers: list[Wire]) -> list[Wire]:
        """Answer for a person's checks."""
        if Contradiction.CHECK_TWICE in self.present:
            answers = [*answers, *({**each, "outcome": "Not Clear"} for each in answers[:1])]
        return answers
