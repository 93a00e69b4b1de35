"""Addresses of the caregiver door."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "caregiver"
urlpatterns: list[URLPattern] = []
