"""Addresses of logging in and out."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("login/code/", views.code, name="code"),
    path("logout/", views.log_out, name="logout"),
    path("roles/<int:role_id>/", views.choose_role, name="role"),
    path("demo/", views.demo, name="demo"),
]
