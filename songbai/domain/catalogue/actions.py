"""Writing the catalogue."""

import dataclasses

from django.db import transaction

from songbai.core.accounts.rules import Actor, system_only
from songbai.domain.providers.models import Provider

from .models import Offer, ServiceItem
from .rules import load


@transaction.atomic
def publish_catalogue(actor: Actor) -> int:
    """Bring the items of the catalogue file into the record; existing ones are brought up to date.

    Returns how many items there are. Raises NotAllowed, WrongCatalogue.
    """
    system_only(actor)
    fields = [f.name for f in ServiceItem._meta.fields]
    rows = []
    for item in load().items:
        values = {**dataclasses.asdict(item), "skills": list(item.skills)}
        rows.append(ServiceItem(**{name: values[name] for name in fields}))
    changing = [name for name in fields if name != "code"]
    ServiceItem.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=changing
    )
    return len(rows)


@transaction.atomic
def make_offer(
    actor: Actor, provider: Provider, item: ServiceItem, price: int, areas: list[str]
) -> Offer:
    """Offer an item at a price (fen) in areas (code prefixes); ends the former offer of the item.

    Raises NotAllowed.
    """
    system_only(actor)
    Offer.objects.filter(provider=provider, item=item, active=True).update(active=False)
    return Offer.objects.create(provider=provider, item=item, price=price, areas=areas)
