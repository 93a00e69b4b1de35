"""The frame of the family's pages."""

from __future__ import annotations

from django.urls import path

from . import home

addresses = [
    path("", home.home, name="home"),
    path("now/", home.now, name="now"),
    path("sos/", home.sos, name="sos"),
    path("me/", home.me, name="me"),
]
