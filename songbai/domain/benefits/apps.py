from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "songbai.domain.benefits"
    label = "benefits"
