"""Logged-in sessions of the demo people, so that the load measures pages and not logins."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from songbai.core.accounts.models import Account
from songbai.core.accounts.sessions import SessionStore
from songbai.domain.elders.declares import FAMILY, OFFICER
from songbai.domain.elders.models import Proxy
from songbai.domain.orders.models import Order


def write(path: str) -> None:
    """One session per role, with the ids of things each may open."""
    people: dict[str, dict[str, object]] = {}
    for login in json.loads((settings.HOME / "demo.json").read_text(encoding="utf-8")):
        account = Account.objects.by_phone(login["phone"])
        role = account.roles.order_by("id").first() if account else None
        if account is None or role is None or role.kind in people:
            continue
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = "songbai.core.accounts.backends.PasswordBackend"
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        people[role.kind] = {"cookie": session.session_key} | _things(account, role.kind)
    Path(path).write_text(json.dumps(people))


def _things(account: Account, kind: str) -> dict[str, object]:
    if kind == FAMILY:
        proxy = Proxy.objects.filter(account=account).order_by("id").first()
        order = Order.objects.filter(elder_id=proxy.elder_id).last() if proxy else None
        return {"elder": proxy.elder_id if proxy else 0, "order": order.pk if order else 0}
    if kind == OFFICER:
        order = Order.objects.filter(state="done").last()
        return {"order": order.pk if order else 0, "elder": order.elder_id if order else 0}
    return {}
