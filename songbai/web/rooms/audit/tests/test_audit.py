"""The filter of the reading log: a page is said with the door it belongs to."""

from django.urls import reverse

from songbai.web.plugs import page_words, pages
from tests.cast import Cast
from tests.doors import LogIn


def test_no_two_pages_are_called_alike(cast: Cast, log_in: LogIn) -> None:
    assert len({*pages().values()}) == len(pages())
    text = log_in(cast.officer).get(reverse("bureau:audit")).content.decode()
    assert f'<option value="{reverse("desk:overview")}">调度台 · ' in text
    assert page_words(f"{reverse('bureau:orders')}7/") == "民政端 · 上门服务"
