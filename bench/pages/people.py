"""What people do on the pages, for locust."""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, between, constant, task

SESSIONS: dict[str, dict[str, Any]] = json.loads(Path(os.environ["BENCH_SESSIONS"]).read_text())
PAUSE = between(2, 6) if os.environ["BENCH_PAUSE"] == "1" else constant(0)


class Person(FastHttpUser):
    """Somebody with a role, or a stranger."""

    abstract = True
    wait_time = PAUSE
    role = ""

    def on_start(self) -> None:
        """Put the session's cookie into the browser."""
        if self.role:
            self.client.cookiejar.clear()
            self.headers = {"Cookie": f"songbai-session={SESSIONS[self.role]['cookie']}"}
        else:
            self.headers = {}

    def see(self, path: str, name: str = "") -> None:
        """Open a page; a redirect to the login is a failure."""
        with self.client.get(
            path, name=name or path, headers=self.headers, allow_redirects=False,
            catch_response=True,
        ) as reply:  # fmt: skip
            if reply.status_code != 200:
                reply.failure(f"{reply.status_code}")


class Stranger(Person):
    """Looks for a service."""

    weight = 6

    @task(1)
    def about(self) -> None:
        self.see("/about/")

    @task(3)
    def home(self) -> None:
        self.see("/")

    @task(4)
    def search(self) -> None:
        self.see("/search/?q=洗澡&town=500151001000", "/search/?q=…")

    @task(2)
    def provider(self) -> None:
        self.see("/providers/1/")


class Daughter(Person):
    """Looks after her mother."""

    weight = 6
    role = "family"

    @task(4)
    def home(self) -> None:
        self.see("/family/")

    @task(2)
    def orders(self) -> None:
        self.see("/family/orders/")

    @task(2)
    def order(self) -> None:
        self.see(f"/family/orders/{SESSIONS['family']['order']}/", "/family/orders/N/")

    @task(2)
    def services(self) -> None:
        self.see("/family/services/")

    @task(1)
    def reads(self) -> None:
        self.see(f"/family/elders/{SESSIONS['family']['elder']}/reads/", "/family/elders/N/reads/")


class Caregiver(Person):
    """Looks at today's route."""

    weight = 3
    role = "caregiver"

    @task
    def day(self) -> None:
        self.see("/caregiver/")


class Dispatcher(Person):
    """Sits at the desk."""

    weight = 2
    role = "dispatcher"

    @task
    def desk(self) -> None:
        for part in ("", "towns/", "points/", "routes/", "positions/"):
            self.see(f"/desk/{part}")


class ProviderStaff(Person):
    """Keeps the provider's books."""

    weight = 2
    role = "provider"

    @task(2)
    def orders(self) -> None:
        self.see("/provider/")

    @task(1)
    def statement(self) -> None:
        self.see("/provider/statement/")


class Officer(Person):
    """Watches the district."""

    weight = 2
    role = "officer"

    @task(3)
    def overview(self) -> None:
        self.see("/bureau/")

    @task(1)
    def orders(self) -> None:
        self.see("/bureau/orders/")

    @task(1)
    def money(self) -> None:
        self.see("/bureau/money/")

    @task(1)
    def ledger(self) -> None:
        self.see("/bureau/ledger/")

    @task(1)
    def audit(self) -> None:
        self.see("/bureau/audit/")
