"""Addresses of the provider door."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "provider"
urlpatterns = [
    path("", views.orders, name="orders"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("statement/", views.statement, name="statement"),
    path("statement/rows/", views.statement_rows, name="statement_rows"),
    path("staff/", views.staff, name="staff"),
]
