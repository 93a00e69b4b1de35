from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "songbai.domain.feeds"
    label = "feeds"
