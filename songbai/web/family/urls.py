"""Addresses of the family door."""

from __future__ import annotations

from django.urls import path

from .views import (
    assessments,
    benefits,
    care_plans,
    consents,
    corrections,
    home,
    ordering,
    orders,
    record,
    relatives,
)

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
    path("order/times/", ordering.times, name="times"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("orders/<int:order_id>/cancel/", orders.order_cancel, name="order_cancel"),
    path("orders/<int:order_id>/confirm/", orders.order_confirm, name="order_confirm"),
    path("orders/<int:order_id>/undo/", orders.order_undo, name="order_undo"),
    path("elders/<int:elder_id>/reads/", record.reads, name="reads"),
    path("elders/<int:elder_id>/code/", record.code, name="code"),
    path("elders/<int:elder_id>/relatives/", relatives.relatives, name="relatives"),
    path("elders/<int:elder_id>/relatives/invite/", relatives.invite, name="relative_invite"),
    path("elders/<int:elder_id>/relatives/<int:proxy_id>/end/", relatives.end, name="relative_end"),
    path("elders/<int:elder_id>/consents/", consents.consents, name="consents"),
    path("elders/<int:elder_id>/consents/<slug:purpose>/", consents.consent, name="consent"),
    path("elders/<int:elder_id>/corrections/", corrections.corrections, name="corrections"),
    path("elders/<int:elder_id>/assessments/", assessments.assessments, name="assessments"),
    path(
        "elders/<int:elder_id>/assessments/new/",
        assessments.assessment_new,
        name="assessment_new",
    ),
    path("assessments/<int:assessment_id>/", assessments.assessment, name="assessment"),
    path(
        "assessments/<int:assessment_id>/letter/",
        assessments.assessment_letter,
        name="assessment_letter",
    ),
    path("elders/<int:elder_id>/benefits/", benefits.benefits, name="benefits"),
    path(
        "elders/<int:elder_id>/benefits/<str:month>/letter/",
        benefits.benefit_letter,
        name="benefit_letter",
    ),
    path(
        "elders/<int:elder_id>/benefits/<str:month>/<slug:policy>/",
        benefits.benefit_object,
        name="benefit_object",
    ),
    path("objections/<int:objection_id>/", benefits.objection, name="objection"),
    path("elders/<int:elder_id>/plans/", care_plans.care_plans, name="care_plans"),
    path("plans/<int:plan_id>/", care_plans.care_plan, name="care_plan"),
    path("proposals/<int:proposal_id>/vote/", relatives.proposal_vote, name="proposal_vote"),
    path(
        "proposals/<int:proposal_id>/withdraw/",
        relatives.proposal_withdraw,
        name="proposal_withdraw",
    ),
    path("files/<uuid:file_id>/", relatives.file, name="file"),
]
