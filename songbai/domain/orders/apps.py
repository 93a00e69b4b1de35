from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "songbai.domain.orders"
    label = "orders"
