"""What dispatch plugs into the doors."""

from songbai.web.plugs import Link, links

links["desk"].at(10)(Link("desk:overview", "总览"))
links["desk"].at(40)(Link("desk:people", "护理员"))
links["provider"].at(30)(Link("provider:vehicles", "车辆", icon="bus"))
