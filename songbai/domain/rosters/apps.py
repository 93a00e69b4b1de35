from django.apps import AppConfig


class RostersConfig(AppConfig):
    name = "songbai.domain.rosters"
    label = "rosters"
