"""What happens in a month: people come, leave, move and marry; the same for the same seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from esr_sandbox import building, generator, names, posts, slices
from esr_sandbox.building import Terms
from esr_sandbox.dataset import VpdState
from esr_sandbox.establishment import Establishment
from esr_sandbox.records import Assignment, Check, Registration, StaffMember, UserStatus
from esr_sandbox.registrations import valid_for
from esr_sandbox.slices import day

_HIRED_ONE_IN = 80
_MISTAKEN_ONE_IN = 10
_LAST_INDEX = 98_999  # employee numbers have five digits after the VPD
_DBS_HOLDS = timedelta(days=3650)
_AWAY: tuple[UserStatus, ...] = (
    "Maternity & Adoption",
    "Career Break",
    "Suspend With Pay",
    "Suspend No Pay",
    "Inactive Not Worked",
)


@dataclass(frozen=True, slots=True)
class Month:
    """The `number`th month of one VPD: after `before`, until `today`, which is its last day."""

    seed: int
    vpd: str
    number: int
    before: date
    today: date

    def renamed_department(self, establishment: Establishment) -> tuple[str, str] | None:
        """Say which department is called otherwise from now on, and how; in most months none is."""
        random = self.draw("departments")
        if random.randrange(3):
            return None
        old = random.choice(establishment.departments).name
        new = old.removesuffix(" Unit") if old.endswith(" Unit") else f"{old} Unit"
        return None if new in {each.name for each in establishment.departments} else (old, new)

    def hires(self, state: VpdState) -> Iterator[StaffMember]:
        """Invent who is hired; one in five is known before they begin."""
        count = 1 + state.next_index // _HIRED_ONE_IN
        for index in range(state.next_index, min(state.next_index + count, _LAST_INDEX)):
            random = self.draw(index, "hire")
            ahead = timedelta(days=random.randrange(1, 28))
            on = self.today + ahead if random.randrange(5) == 0 else self.any_day(random)
            yield generator.hire(self.seed, self.vpd, index, on)

    def lived(self, member: StaffMember) -> StaffMember | None:
        """Return `member` a month later; None when they had been entered by mistake."""
        return _Life(self, self.draw(member.person.employee_number)).lived(member)

    def draw(self, *which: object) -> Random:
        """Open a stream of choices for one thing in this month."""
        return generator.draw(self.seed, self.vpd, "month", self.number, *which)

    def any_day(self, random: Random) -> date:
        """Choose a day of this month."""
        return self.before + timedelta(days=random.randrange(1, (self.today - self.before).days + 1))


class _Life:
    """One member of staff in one month. Of the named cast only what was due comes to pass."""

    def __init__(self, month: Month, random: Random) -> None:
        self._month = month
        self._today = month.today
        self._random = random

    def lived(self, member: StaffMember) -> StaffMember | None:
        """Let the month pass for `member`."""
        invented = int(member.person.employee_number[3:]) >= generator.FIRST_INVENTED
        if invented and self._was_a_mistake(member):
            return None
        if not invented:
            return self._after_last_days(self._turned(member))
        for step in (self._contracts, self._turned, self._after_last_days):
            member = step(member)
        for step in (self._registrations, self._checks, self._back):
            member = step(member)
        return self._something(member) if member.person.employee_status_flag == "Current" else member

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0

    def _was_a_mistake(self, member: StaffMember) -> bool:
        hired = member.person.hire_date
        recently = self._month.before - timedelta(days=28)
        return hired > recently and self._one_in(_MISTAKEN_ONE_IN)

    def _turned(self, member: StaffMember) -> StaffMember:
        return slices.turned(member, self._today)

    def _contracts(self, member: StaffMember) -> StaffMember:
        """Extend every second fixed term that is over by a year; the others end."""
        for each in member.assignments:
            over = day(each.contract_end_date)
            if over is None or over >= self._today or _is_over(each):
                continue
            if self._one_in(2):
                extended = each.model_copy(update={"contract_end_date": over + timedelta(days=365)})
                member = slices.with_present(member, extended)
            else:
                member = _with_end(member, building.ending(each, over))
        return member

    def _after_last_days(self, member: StaffMember) -> StaffMember:
        """End what had its last day; whoever has nothing left has left."""
        for each in member.assignments:
            last = _last_day(each)
            if last is not None and last < self._today and not _is_over(each):
                member = _with_end(member, building.ended(each, last))
        if member.person.employee_status_flag == "Current" and all(map(_is_over, member.assignments)):
            return _gone(member)
        return member

    def _registrations(self, member: StaffMember) -> StaffMember:
        changed = tuple(self._registration(each) for each in member.registrations)
        if changed == member.registrations:
            return member
        return member.model_copy(update={"registrations": changed})

    def _registration(self, each: Registration) -> Registration:
        """Eleven in twelve renew in time; of those who did not, some do later."""
        expires = day(each.expiry_date)
        if expires is None or expires > self._today:
            return each
        in_time = expires > self._month.before and not self._one_in(12)
        if in_time or (each.status == "Lapsed" and self._one_in(4)):
            renewed = {"status": "Registered", "expiry_date": self._today + valid_for(each.body)}
            return each.model_copy(update=renewed)
        return each.model_copy(update={"status": "Lapsed"}) if each.status != "Lapsed" else each

    def _checks(self, member: StaffMember) -> StaffMember:
        changed = tuple(self._check(each) for each in member.checks)
        return member if changed == member.checks else member.model_copy(update={"checks": changed})

    def _check(self, each: Check) -> Check:
        """Of checks that are due most are renewed, some are begun, and the rest lapse."""
        due = day(each.next_date)
        if each.outcome == "Pending":
            return self._cleared(each) if self._one_in(3) else each
        if due is None or due > self._today or self._one_in(4):
            return each
        if self._one_in(5):
            return each.model_copy(update={"outcome": "Pending"})
        return self._cleared(each)

    def _cleared(self, each: Check) -> Check:
        on = self._month.any_day(self._random)
        cleared = {
            "outcome": "Clear",
            "check_date": on,
            "next_date": on + _DBS_HOLDS if each.next_date else None,
        }
        if each.check_type == "DBS":
            certificate = f"0018{self._random.randrange(10**8):08d}"
            cleared |= {"dbs_certificate_reference": certificate, "dbs_issue_date": on}
        return each.model_copy(update=cleared)

    def _back(self, member: StaffMember) -> StaffMember:
        """One in six of those who were away comes back."""
        away = [each for each in member.assignments if each.user_assignment_status in _AWAY]
        if not away or not self._one_in(6):
            return member
        return self._on_other_terms(member, away[0], _with_status("Active Assignment"))

    def _something(self, member: StaffMember) -> StaffMember:
        """One thing happens to one in ten."""
        (event,) = self._random.choices(
            (
                self._nothing,
                self._leaves,
                self._gives_notice,
                self._moves,
                self._is_regraded,
                self._changes_name,
                self._changes_hours,
                self._will_change_hours,
                self._goes_away,
                self._takes_second_post,
                self._loses_second_post,
            ),
            weights=(900, 12, 8, 10, 10, 6, 8, 8, 10, 6, 12),
        )
        return event(member)

    def _nothing(self, member: StaffMember) -> StaffMember:
        return member

    def _leaves(self, member: StaffMember) -> StaffMember:
        on = max(self._month.any_day(self._random) - timedelta(days=1), member.person.hire_date)
        for each in member.assignments:
            if not _is_over(each):
                member = _with_end(member, building.ended(each, max(on, each.effective_start)))
        return _gone(member)

    def _gives_notice(self, member: StaffMember) -> StaffMember:
        last_day = self._today + timedelta(days=self._random.randrange(1, 90))
        for each in member.assignments:
            if _last_day(each) is None:
                member = _with_end(member, building.ending(each, max(last_day, each.effective_start)))
        return member

    def _moves(self, member: StaffMember) -> StaffMember:
        now = member.assignments[0]
        post = posts.post(self._random)
        position = f"{self._random.randrange(5_000_000, 10_000_000)}"
        return self._on_other_terms(member, now, lambda each: building.moved(each, post, position))

    def _is_regraded(self, member: StaffMember) -> StaffMember:
        """Go up one band; who is not in a numbered one stays."""
        now = member.assignments[0]
        band = now.grade.rpartition(" ")[2]
        if "|XR0" not in now.grade or band not in "23456":
            return member
        grade = f"NHS|XR0{int(band) + 1}|Review Body Band {int(band) + 1}"
        return self._on_other_terms(member, now, lambda each: each.model_copy(update={"grade": grade}))

    def _changes_name(self, member: StaffMember) -> StaffMember:
        since = slices.person_start(member)
        if slices.later_persons(member) or since >= self._today:
            return member
        person = member.person
        named = {"last_name": names.surname(self._random), "previous_last_name": person.last_name}
        on = max(self._month.any_day(self._random), since + timedelta(days=1))
        return slices.changed_name(member, person.model_copy(update=named), on)

    def _changes_hours(self, member: StaffMember) -> StaffMember:
        fte = self._random.choice((1.0, 0.8, 0.6))
        return self._on_other_terms(member, member.assignments[0], lambda each: slices.on_hours(each, fte))

    def _will_change_hours(self, member: StaffMember) -> StaffMember:
        now = member.assignments[0]
        if _last_day(now) is not None or slices.later_terms(member, now):
            return member
        on = max(self._today, now.effective_start) + timedelta(days=self._random.randrange(1, 60))
        later = slices.on_hours(now, 0.7).model_copy(update={"effective_start": on})
        return member.model_copy(update={"assignment_slices": (*member.assignment_slices, later)})

    def _goes_away(self, member: StaffMember) -> StaffMember:
        status = self._random.choice(_AWAY)
        return self._on_other_terms(member, member.assignments[0], _with_status(status))

    def _takes_second_post(self, member: StaffMember) -> StaffMember:
        number = member.person.employee_number
        nth = 1 + max(int(e.assignment_number.partition("-")[2] or 1) for e in member.assignments)
        start = max(self._month.any_day(self._random), member.person.hire_date)
        post = posts.post(self._random)
        added = building.assignment(f"{number}-{nth}", post, Terms(fte=0.2), start=start, primary=False)
        return member.model_copy(update={"assignments": (*member.assignments, added)})

    def _loses_second_post(self, member: StaffMember) -> StaffMember:
        """The last post beside the main one had been entered by mistake."""
        *others, last = member.assignments
        if not others or last.primary_assignment == "Yes":
            return member
        number = last.assignment_number
        kept = tuple(e for e in member.assignment_slices if e.assignment_number != number)
        return member.model_copy(update={"assignments": tuple(others), "assignment_slices": kept})

    def _on_other_terms(
        self, member: StaffMember, now: Assignment, change: Callable[[Assignment], Assignment]
    ) -> StaffMember:
        """Change the terms of an assignment within this month, unless another change is to come."""
        if _is_over(now) or slices.later_terms(member, now) or now.effective_start >= self._today:
            return member
        on = max(self._month.any_day(self._random), now.effective_start + timedelta(days=1))
        if (last := _last_day(now)) is not None and last < on:
            return member
        return slices.changed_terms(member, change(now).model_copy(update={"effective_start": on}))


def _with_status(status: UserStatus) -> Callable[[Assignment], Assignment]:
    return lambda each: building.with_status(each, status)


def _with_end(member: StaffMember, ended: Assignment) -> StaffMember:
    last = _last_day(ended) or ended.effective_start
    with_end = slices.with_present(member, ended)
    return slices.without_later_terms(with_end, ended.assignment_number, last)


def _gone(member: StaffMember) -> StaffMember:
    last = max(_last_day(each) or each.effective_start for each in member.assignments)
    return building.gone(member, last)


def _last_day(each: Assignment) -> date | None:
    known = [day(each.assignment_end_date), day(each.effective_end)]
    return min((last for last in known if last is not None), default=None)


def _is_over(each: Assignment) -> bool:
    return each.user_assignment_status == "Terminate Process"
