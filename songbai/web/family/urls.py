"""Addresses of the family door."""

from __future__ import annotations

from django.urls import path

from .views import home, ordering, orders, record

app_name = "family"
urlpatterns = [
    path("", home.home, name="home"),
    path("now/", home.now, name="now"),
    path("sos/", home.sos, name="sos"),
    path("me/", home.me, name="me"),
    path("services/", ordering.services, name="services"),
    path("services/<str:item_code>/", ordering.offers, name="offers"),
    path("order/", ordering.order_new, name="order_new"),
    path("order/quote/", ordering.quote, name="quote"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/cancel/", orders.order_cancel, name="order_cancel"),
    path("orders/<int:order_id>/confirm/", orders.order_confirm, name="order_confirm"),
    path("orders/<int:order_id>/undo/", orders.order_undo, name="order_undo"),
    path("elders/<int:elder_id>/reads/", record.reads, name="reads"),
    path("elders/<int:elder_id>/code/", record.code, name="code"),
]
