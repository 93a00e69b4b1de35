from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "songbai.web"
    label = "web"
