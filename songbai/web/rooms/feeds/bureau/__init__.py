"""The bureau's pages of the room feeds."""

from django.urls import path

from . import feeds, keys

addresses = [
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/deliveries/", feeds.deliveries, name="feed_deliveries"),
    path("feeds/deliveries/<int:delivery_id>/", feeds.delivery, name="feed_delivery"),
    path("feeds/deliveries/<int:delivery_id>/refused/", feeds.take_refused, name="feed_refused"),
    path("feeds/keys/", keys.feed_keys, name="feed_keys"),
    path("feeds/keys/<slug:key_id>/revoke/", keys.revoke, name="feed_key_revoke"),
    path("feeds/unmatched/", feeds.unmatched_rows, name="feed_unmatched"),
    path("feeds/unmatched/<int:row_id>/", feeds.unmatched_row, name="feed_row"),
]
