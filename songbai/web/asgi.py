"""The ASGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ.setdefault("SONGBAI_PROCESS", "web")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
