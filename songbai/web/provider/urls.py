"""Addresses of the provider door."""

from __future__ import annotations

from django.urls import path

from . import money, vehicles, views

app_name = "provider"
urlpatterns = [
    path("", views.orders, name="orders"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("statement/", money.statement, name="statement"),
    path("statement/rows/", money.statement_rows, name="statement_rows"),
    path("staff/", views.staff, name="staff"),
    path("vehicles/", vehicles.vehicles, name="vehicles"),
    path("vehicles/give/", vehicles.give, name="vehicle_give"),
    path("vehicles/take/", vehicles.take, name="vehicle_take"),
]
