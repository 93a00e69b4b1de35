"""The bureau's pages of the room assessments."""

from django.urls import path

from . import assessments, bodies

addresses = [
    path("elders/<int:elder_id>/assessments/", assessments.assessment_ask, name="assessment_ask"),
    path("assessments/", assessments.assessments, name="assessments"),
    path("assessments/due/", assessments.assessments_due, name="assessments_due"),
    path("assessments/quality/", bodies.quality, name="assessment_quality"),
    path("assessments/outliers/<int:outlier_id>/", bodies.outlier_close, name="outlier_close"),
    path("assessments/<int:assessment_id>/", assessments.assessment, name="assessment"),
    path(
        "assessments/<int:assessment_id>/letter/",
        assessments.assessment_letter,
        name="assessment_letter",
    ),
    path("bodies/", bodies.bodies_list, name="bodies"),
    path("bodies/<int:body_id>/", bodies.body, name="body"),
    path(
        "bodies/<int:body_id>/assessors/<int:assessor_id>/renew/",
        bodies.assessor_renew,
        name="assessor_renew",
    ),
    path(
        "bodies/<int:body_id>/assessors/<int:assessor_id>/link/",
        bodies.assessor_link,
        name="assessor_link",
    ),
    path(
        "bodies/<int:body_id>/assessors/<int:assessor_id>/leave/",
        bodies.assessor_leave,
        name="assessor_leave",
    ),
]
