from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "songbai.core.audit"
    label = "audit"
