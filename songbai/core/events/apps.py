from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "songbai.core.events"
    label = "events"
