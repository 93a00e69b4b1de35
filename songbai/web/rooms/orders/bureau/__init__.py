"""The bureau's pages of the room orders."""

from django.urls import path

from . import money, orders

addresses = [
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/look/", orders.order_look, name="order_look"),
    path(
        "orders/<int:order_id>/reports/<int:report_id>/",
        orders.report_seen,
        name="report_seen",
    ),
    path("money/", money.money, name="money"),
    path("money/<int:provider_id>/<str:month>/", money.settle, name="settle"),
]
