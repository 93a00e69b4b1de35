"""The desk's pages of the room dispatch."""

from django.urls import path

from . import people, plans, views

addresses = [
    path("", views.overview, name="overview"),
    path("queue/", views.queue, name="queue"),
    path("counts/", views.counts, name="counts"),
    path("routes/", views.gantt, name="gantt"),
    path("towns/", views.towns, name="towns"),
    path("points/", views.points, name="points"),
    path("positions/", views.positions, name="positions"),
    path("staff/", people.people, name="people"),
    path("plan/", views.plan_day, name="plan"),
    path("plans/", plans.pane, name="plans"),
    path("plans/draft/", plans.draft, name="draft"),
    path("plans/move/", plans.move, name="move"),
    path("plans/price/", plans.price, name="price"),
    path("plans/trial/", plans.trial, name="trial"),
    path("plans/absent/", plans.absent, name="absent"),
    path("plans/<int:draft_id>/again/", plans.again, name="again"),
    path("plans/<int:draft_id>/compare/", plans.compare, name="compare"),
    path("plans/<int:draft_id>/publish/", plans.publish, name="publish"),
    path("plans/<int:draft_id>/drop/", plans.drop, name="drop"),
    path("plans/<int:draft_id>/pin/", plans.pin, name="pin"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("orders/<int:order_id>/assign/", views.assign_order, name="assign"),
    path("orders/<int:order_id>/withdraw/", views.withdraw_order, name="withdraw"),
    path("orders/<int:order_id>/cancel/", views.cancel_order, name="cancel"),
    path("orders/<int:order_id>/wish/", views.state_wish, name="wish"),
]
