from django.apps import AppConfig


class CarePlansConfig(AppConfig):
    name = "songbai.domain.careplans"
    label = "careplans"
