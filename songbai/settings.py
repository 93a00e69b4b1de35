"""Django settings. Everything that differs between places comes from the environment.

SONGBAI_HOME          folder of the embedded database, keys and uploads (default ./data)
DATABASE_URL          any PostgreSQL 15 or newer, as its owner; without it the embedded one
DATABASE_WEB_URL      the same database as the role ``songbai_web``; used by web processes
SONGBAI_PROCESS       ``web`` in web processes: they connect as ``songbai_web``
SONGBAI_SECRET        signing key; required outside the demo
SONGBAI_FEEDS_FOLDER  where departments drop files; without it no folder is watched
SONGBAI_BANK_FOLDER   where payment files are left for the bank; without it none leaves the house
SONGBAI_BENEFITS_REGION  district or city whose benefit cycles open by themselves every month
SONGBAI_NOTICES       where notices of benefits go: ``file:/folder`` or an https address
SONGBAI_PROXIES       proxies in front that add to X-Forwarded-For; 1 with SONGBAI_HTTPS, else 0
SONGBAI_DEMO          1 in the demo city: synthetic people, codes shown on /demo/
SONGBAI_TODAY         for demos and tests: the day (and time) at which the program's clock begins
"""

import os
from pathlib import Path

from songbai import rooms
from songbai.core import record

BASE = Path(__file__).resolve().parent
ROOT = BASE.parent
HOME = record.home()
DEMO = os.environ.get("SONGBAI_DEMO") == "1"
DEBUG = False
SECRET_KEY = record.secret("signing", env="SONGBAI_SECRET")
FIELD_KEYS = record.field_keys()
ALLOWED_HOSTS = os.environ.get("SONGBAI_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SONGBAI_ORIGINS", "").split(",") if o]
#: Where text messages send people.
SITE = CSRF_TRUSTED_ORIGINS[0] if CSRF_TRUSTED_ORIGINS else f"http://{ALLOWED_HOSTS[0]}"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    "songbai.core",
    *rooms.packages(),
    "songbai.web",
    "songbai.cli",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["songbai.core.accounts.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "songbai.web.middleware.DatabaseScopeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "songbai.web.middleware.ActorMiddleware",
    "songbai.web.middleware.PlainErrorsMiddleware",
]
ROOT_URLCONF = "songbai.web.urls"
#: Where templates and static files are: shared ones, then each room's own.
PAGES = [BASE / "web"] + [BASE / "web/rooms" / room for room in (*rooms.GROUND, *rooms.ROOMS)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [folder / "templates" for folder in PAGES],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "songbai.web.context.house",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
            "builtins": [
                "songbai.web.templatetags.songbai",
                "songbai.web.templatetags.plugged",
                *(f"songbai.web.rooms.{at.name}.tags" for at in PAGES if (at / "tags.py").exists()),
            ],
        },
    }
]
ASGI_APPLICATION = "songbai.web.asgi.application"

_database = record.database_settings()
DATABASES = {"default": _database}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS: list[str] = []

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SONGBAI_STATIC", str(HOME / "static")))
NODE_MODULES = Path(os.environ.get("SONGBAI_NODE_MODULES", str(ROOT / "node_modules")))
STATICFILES_DIRS = [at for folder in PAGES if (at := folder / "static").is_dir()]

SESSION_COOKIE_NAME = "songbai-session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 30 * 60 * 24
SESSION_ENGINE = "songbai.core.accounts.sessions"
CSRF_COOKIE_NAME = "songbai-csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_https = os.environ.get("SONGBAI_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
if _https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

PROXIES = int(os.environ.get("SONGBAI_PROXIES", "1" if _https else "0"))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "accounts:login"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_IMPORT_PATHS = ["songbai.core.events.tasks"]

# The division whose services the portal shows.
PORTAL_REGION = os.environ.get("SONGBAI_REGION", "500151")
# Where departments drop files ("feed-division-day.csv"); empty: nowhere.
FEEDS_FOLDER = os.environ.get("SONGBAI_FEEDS_FOLDER", "")
# Where payment files go to the bank and its results come from; empty: a double that remembers.
BANK_FOLDER = os.environ.get("SONGBAI_BANK_FOLDER", "")
# Whose benefit cycles the program opens every month (a district or the city); empty: nobody's.
BENEFITS_REGION = os.environ.get("SONGBAI_BENEFITS_REGION", "")
# Where notices go: "file:/folder" or an https address; empty: nowhere.
NOTICES = os.environ.get("SONGBAI_NOTICES", "")
# Travel times: estimated, or asked of a road server: ("osrm" or "valhalla", its address).
_kind, _, _address = os.environ.get("SONGBAI_TRAVEL_SERVER", "").partition("+")
TRAVEL_SERVER = (_kind, _address) if _address else None
# How much longer roads are than the straight line where travel is estimated.
TERRAIN_FACTOR = float(os.environ.get("SONGBAI_TERRAIN_FACTOR", "1.35"))
# Text messages: "record" keeps them in the database (demo, tests); "http" posts to SMS_GATEWAY.
SMS_GATEWAY = os.environ.get("SONGBAI_SMS_GATEWAY", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Nothing that looks like an identity number reaches a log.
    "filters": {"masked": {"()": "songbai.core.logs.MaskIdentityNumbers"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["masked"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SONGBAI_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
