"""The assessor's pages of the room assessments."""

from django.urls import path

from . import days, deciding, filling, reviewing

addresses = [
    path("", days.day, name="day"),
    path("worker.js", filling.worker, name="worker"),
    path("sheets/<int:sheet_id>/", filling.form, name="form"),
    path("sheets/<int:sheet_id>/taps/", filling.taps, name="taps"),
    path("sheets/<int:sheet_id>/finish/", filling.finish, name="finish"),
    path("assessments/<int:assessment_id>/", days.visit, name="visit"),
    path("assessments/<int:assessment_id>/book/", days.book, name="book"),
    path("assessments/<int:assessment_id>/stop/", days.stop, name="stop"),
    path("assessments/<int:assessment_id>/go-on/", days.go_on, name="go_on"),
    path("assessments/<int:assessment_id>/agree/", deciding.agree, name="agree"),
    path("assessments/<int:assessment_id>/sign/", deciding.sign, name="sign"),
    path("reviews/<int:review_id>/", reviewing.review, name="review"),
]
