"""Addresses of the bureau door."""

from __future__ import annotations

from django.urls import path

from .views import audit, elders, ledger, money, orders, overview

app_name = "bureau"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("places/<str:region>/", overview.town, name="town"),
    path("beds/", overview.beds, name="beds"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("elders/", elders.elders, name="elders"),
    path("elders/<int:elder_id>/", elders.elder, name="elder"),
    path("credits/", money.credits_given, name="credits"),
    path("money/", money.money, name="money"),
    path("money/<int:provider_id>/<str:month>/", money.settle, name="settle"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("audit/", audit.audit, name="audit"),
]
