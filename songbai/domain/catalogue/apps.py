from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "songbai.domain.catalogue"
    label = "catalogue"
