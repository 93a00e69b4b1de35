"""What rooms plugged in, for templates. Loaded as a builtin of every template."""

from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString

from songbai.web import plugs

register = template.Library()


@register.simple_tag
def menu(door: str, here: str) -> list[dict[str, Any]]:
    """``{% menu "desk" here as entries %}``: the entries of a door's menu."""
    return plugs.menu(door, here)


@register.simple_tag(takes_context=True)
def panel(context: template.Context, shown: plugs.Panel) -> SafeString:
    """``{% panel one %}``: a part of the page, in the page's own context."""
    with context.push(**shown.values):
        drawn: SafeString = get_template(shown.template).template.render(context)  # type: ignore[attr-defined]
    return drawn
