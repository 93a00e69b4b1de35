from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "songbai.core.retention"
    label = "retention"
