"""Logging in and out."""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from songbai.core.accounts.actions import log_in_by_code, log_in_staff, send_code
from songbai.core.accounts.models import Account, TextMessage, TotpKey, totp_step
from songbai.core.accounts.numbers import needs_name, note_login, tell_name
from songbai.core.accounts.queries import actors_of
from songbai.core.crypto import decrypt, encrypt
from songbai.core.errors import SongbaiError
from songbai.web.context import home_url
from songbai.web.doors import DOORS, at, source_of
from songbai.web.middleware import ROLE_KEY

from .forms import CodeForm, PhoneForm, StaffForm, problems

PHONE_KEY = "songbai.login_phone"
NAME_KEY = "songbai.login_name"
BACKEND = "songbai.core.accounts.backends.PasswordBackend"


@at("entrance", "login/", name="login")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The login page: families ask for a code, staff give password and dynamic code."""
    tab = request.POST.get("tab") or request.GET.get("tab") or _tab_of(_next(request))
    if request.method != "POST":
        return _login_page(request, tab)
    return _staff(request) if tab == "staff" else _family(request)


def _tab_of(wanted: str) -> str:
    """How who wants to open an address logs in."""
    begin = wanted.strip("/").partition("/")[0]
    return "staff" if begin in DOORS and begin != "family" else "family"


def _family(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _login_page(request, "family", problems(form))
    try:
        send_code(form.cleaned_data["phone"], source_of(request))
    except SongbaiError as error:
        return _login_page(request, "family", [{"field": "phone", "message": error.message}])
    request.session[PHONE_KEY] = encrypt(form.cleaned_data["phone"]).hex()
    return redirect(f"{reverse('accounts:code')}?{urlencode({'next': _next(request)})}")


def _staff(request: HttpRequest) -> HttpResponse:
    form = StaffForm(request.POST)
    if not form.is_valid():
        return _login_page(request, "staff", problems(form))
    given = form.cleaned_data
    try:
        account = log_in_staff(
            given["username"], given["password"], given["token"], source_of(request)
        )
    except SongbaiError as error:
        return _login_page(request, "staff", [{"field": "password", "message": error.message}])
    return _enter(request, account)


@at("entrance", "login/code/")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step of a family login."""
    if not request.session.get(PHONE_KEY):
        return redirect("accounts:login")
    phone = decrypt(bytes.fromhex(request.session[PHONE_KEY]))
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            if request.POST.get("again"):
                send_code(phone, source_of(request))
            else:
                form = CodeForm(request.POST)
                if form.is_valid():
                    given = form.cleaned_data["code"]
                    return _known(request, log_in_by_code(phone, given, source_of(request)))
                errors = problems(form)
        except SongbaiError as error:
            errors = [{"field": "code", "message": error.message}]
    values = {
        "phone_masked": f"{phone[:3]}****{phone[-4:]}",
        "valid_minutes": 5,
        "next": _next(request),
        "errors": errors,
        "demo_url": _demo_url(),
        "here": "login",
    }
    return render(request, "accounts/code.html", values, status=422 if errors else 200)


def _known(request: HttpRequest, account: Account) -> HttpResponse:
    """In, or first to the page that asks who it is after a long time."""
    if not needs_name(account):
        return _enter(request, account)
    request.session.cycle_key()  # it opens more from here on
    request.session[NAME_KEY] = account.pk
    return redirect(f"{reverse('accounts:name')}?{urlencode({'next': _next(request)})}")


@at("entrance", "login/name/")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Nobody has logged in for a year: the number may be somebody else's by now."""
    account = Account.objects.filter(pk=request.session.get(NAME_KEY) or 0, is_active=True).first()
    if account is None:
        return redirect("accounts:login")
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            known = tell_name(account, request.POST.get("name", ""), source_of(request))
        except SongbaiError as error:
            errors = [{"field": "name", "message": error.message}]
        else:
            request.session.pop(NAME_KEY, None)
            return _enter(request, known)
    values = {"next": _next(request), "errors": errors, "here": "login"}
    return render(request, "accounts/name.html", values, status=422 if errors else 200)


@at("entrance", "logout/", name="logout")
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("portal:home")


@at("entrance", "roles/<int:role_id>/", name="role")
@require_POST
def choose_role(request: HttpRequest, role_id: int) -> HttpResponse:
    """Act in another of one's roles."""
    if isinstance(request.user, Account):
        chosen = next((a for a in actors_of(request.user) if a.role_id == role_id), None)
        if chosen:
            request.session.cycle_key()
            request.session[ROLE_KEY] = role_id
            return redirect(home_url(chosen))
    raise Http404


@at("entrance", "demo/")
@never_cache
def demo(request: HttpRequest) -> HttpResponse:
    """Demo only: who one can be, with the codes that would be on their phones."""
    path = settings.HOME / "demo.json"
    if not settings.DEMO or not path.exists():
        raise Http404
    doors: dict[str, dict[str, Any]] = {}
    for person in json.loads(path.read_text(encoding="utf-8")):
        tab = "staff" if person["password"] else "family"
        door = doors.setdefault(person["door"], {"label": person["door"], "tab": tab, "people": []})
        door["people"].append(
            {
                "name": person["name"],
                "who": person["title"],
                "login": person["phone"],
                "password": person["password"] or "",
                "code": _current_code(person["phone"], staff=tab == "staff"),
            }
        )
    return render(request, "accounts/demo.html", {"doors": list(doors.values()), "here": "login"})


def _current_code(phone: str, *, staff: bool) -> str:
    account = Account.objects.by_phone(phone)
    if account is None:
        return ""
    if not staff:
        message = TextMessage.objects.filter(account=account).order_by("-sent_at").first()
        return "".join(filter(str.isdigit, message.words().split("，")[0])) if message else ""
    device = TotpKey.objects.filter(account=account).first()
    # A code is good once: after a login show the next one, which the tolerance already admits.
    return device.code_at(max(totp_step(), device.last_step + 1)) if device else ""


def _login_page(
    request: HttpRequest, tab: str, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    values = {
        "tab": "staff" if tab == "staff" else "family",
        "next": _next(request),
        "errors": errors or [],
        "phone": request.POST.get("phone", ""),
        "username": request.POST.get("username", ""),
        "demo_url": _demo_url(),
        "here": "login",
    }
    return render(request, "accounts/login.html", values, status=422 if errors else 200)


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    target = _next(request)
    request.session.pop(PHONE_KEY, None)
    login(request, account, backend=BACKEND)
    request.session.cycle_key()  # Django keeps the key of who logs in again
    note_login(account)
    actors = actors_of(account)
    return redirect(target or (home_url(actors[0]) if actors else reverse("portal:home")))


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if safe else ""


def _demo_url() -> str:
    return reverse("accounts:demo") if settings.DEMO else ""
