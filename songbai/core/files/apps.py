from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "songbai.core.files"
    label = "files"
