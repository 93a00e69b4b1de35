from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "songbai.domain.assessments"
    label = "assessments"
