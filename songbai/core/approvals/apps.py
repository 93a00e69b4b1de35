from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "songbai.core.approvals"
    label = "approvals"
