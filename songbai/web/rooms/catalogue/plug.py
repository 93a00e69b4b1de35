"""What the catalogue plugs into the doors."""

from songbai.web.plugs import Link, links

for place, order in (("family", 20), ("family home", 10)):
    links[place].at(order)(
        Link("family:services", "叫服务", icon="home-heart", shown=lambda elder: not elder.died_on)
    )
