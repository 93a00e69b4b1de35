"""The provider's pages of the room orders."""

from django.urls import path

from . import money, orders

addresses = [
    path("", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("statement/", money.statement, name="statement"),
    path("statement/rows/", money.statement_rows, name="statement_rows"),
]
