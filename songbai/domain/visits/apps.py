from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "songbai.domain.visits"
    label = "visits"
