"""The bureau's pages of the room benefits."""

from django.urls import path

from . import (
    arrears,
    benefit_gap,
    credits,
    cycle_exceptions,
    cycle_payments,
    cycle_people,
    cycles,
    elder,
    failed_payments,
    objections,
    policies,
    recoveries,
    suspensions,
    what_if,
)

addresses = [
    path("elders/<int:elder_id>/benefits/", elder.elder_benefits, name="elder_benefits"),
    path(
        "elders/<int:elder_id>/benefits/<str:month>/letter/",
        elder.elder_letter,
        name="elder_letter",
    ),
    path("elders/<int:elder_id>/paying/", suspensions.elder_paying, name="elder_paying"),
    path("elders/<int:elder_id>/counter/", elder.elder_counter, name="elder_counter"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<int:objection_id>/", objections.objection, name="objection"),
    path("benefits/", cycles.cycles, name="cycles"),
    path("benefits/<int:cycle_id>/", cycles.cycle_page, name="cycle"),
    path("benefits/<int:cycle_id>/people/", cycle_people.cycle_people, name="cycle_people"),
    path(
        "benefits/<int:cycle_id>/exceptions/",
        cycle_exceptions.cycle_exceptions,
        name="cycle_exceptions",
    ),
    path(
        "benefits/<int:cycle_id>/exceptions/<int:exception_id>/settle/",
        cycle_exceptions.exception_settle,
        name="exception_settle",
    ),
    path("benefits/<int:cycle_id>/payments/", cycle_payments.cycle_payments, name="cycle_payments"),
    path("benefits/payments/failed/", failed_payments.failed_payments, name="failed_payments"),
    path("benefits/payments/<int:payment_id>/", failed_payments.payment_page, name="payment"),
    path("benefits/recoveries/", recoveries.recoveries, name="recoveries"),
    path("benefits/recoveries/<int:recovery_id>/", recoveries.recovery_page, name="recovery"),
    path("benefits/arrears/", arrears.arrears, name="arrears"),
    path("benefits/suspensions/", suspensions.suspensions, name="suspensions"),
    path(
        "benefits/suspensions/<int:suspension_id>/", suspensions.suspension_page, name="suspension"
    ),
    path("benefits/policies/", policies.policies, name="policies"),
    path("benefits/gap/", benefit_gap.gap, name="benefit_gap"),
    path("benefits/<int:cycle_id>/gap/", benefit_gap.gap_people, name="benefit_gap_people"),
    path("benefits/what-if/", what_if.what_if, name="what_if"),
    path("credits/", credits.credits_given, name="credits"),
]
