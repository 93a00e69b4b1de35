from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "songbai.cli"
    label = "cli"
