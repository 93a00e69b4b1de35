"""The family's pages of the room orders."""

from django.urls import path

from . import ordering, orders

addresses = [
    path("order/", ordering.order_new, name="order_new"),
    path("order/quote/", ordering.quote, name="quote"),
    path("order/times/", ordering.times, name="times"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/cancel/", orders.order_cancel, name="order_cancel"),
    path("orders/<int:order_id>/confirm/", orders.order_confirm, name="order_confirm"),
    path("orders/<int:order_id>/undo/", orders.order_undo, name="order_undo"),
]
