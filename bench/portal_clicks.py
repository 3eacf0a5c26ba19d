"""What people of an HR office click, for locust: `locust -f bench/portal_clicks.py` with `COOKIES`.

A process of its own, since locust changes how sockets work. `COOKIES` is a file with one session a line.
"""

import os
import random
import re
import time
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

from locust import FastHttpUser, between, task

from bench.portal_pace import LEAST_SECONDS, MOST_SECONDS

_COOKIES = cycle(Path(os.environ.get("COOKIES", os.devnull)).read_text().split() or [""])
_PASSPORT = re.compile(r'href="(/passports/[0-9a-f-]{36})"')
_NEXT = re.compile(r'href="(/passports\?[^"]*cursor=[^"]+)"')
_TASK = re.compile(r'href="(/tasks/[0-9a-f-]{36})"')
_NAMES = ("ama", "quill", "zoe mar", "hart", "idris")


class Person(FastHttpUser):
    """Signed in, and busy with staff who come and go."""

    wait_time = between(LEAST_SECONDS, MOST_SECONDS)

    def on_start(self) -> None:
        """Be somebody, at some moment between two clicks."""
        self.headers = {"Cookie": next(_COOKIES)}
        self.page = ""
        time.sleep(random.random() * self.wait_time())  # noqa: S311 - no secret

    @task(3)
    def home(self) -> None:
        self._get("/", "home")

    @task(2)
    def passports(self) -> None:
        self._get("/passports", "list")

    @task(2)
    def narrowed(self) -> None:
        self._get("/passports?state=offered&employment_type=Bank", "list, narrowed")

    @task(2)
    def searched(self) -> None:
        self._get(f"/passports?name={random.choice(_NAMES)}", "search by name")  # noqa: S311 - no secret

    @task(2)
    def onwards(self) -> None:
        self._follow(_NEXT, "next page")

    @task(1)
    def a_passport(self) -> None:
        self._follow(_PASSPORT, "a passport")

    @task(1)
    def a_task(self) -> None:
        self._follow(_TASK, "a task")

    @task(1)
    def others_tasks(self) -> None:
        self._get("/tasks?whose=others", "tasks")

    def _get(self, path: str, name: str) -> None:
        asked = self.client.get(
            path, name=name, headers=self.headers, allow_redirects=False, catch_response=True
        )
        with asked as answer:
            if answer.status_code != HTTPStatus.OK:
                answer.failure(f"status {answer.status_code}")
            self.page = answer.text or ""

    def _follow(self, link: re.Pattern[str], name: str) -> None:
        """A link of the page that is open; the first page, where there is none."""
        found = link.findall(self.page)
        if found:
            self._get(found[0].replace("&amp;", "&"), name)
        else:
            self._get("/", "home")
