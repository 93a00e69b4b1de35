"""What care plans plug into the doors."""

from songbai.web.plugs import CARE, Link, links

links["bureau"].at(160)(Link("bureau:care_plans", "服务计划", icon="calendar-heart", under=CARE))
links["desk"].at(30)(Link("desk:care_plans", "服务计划"))
links["family elder"].at(70)(Link("family:care_plans", "服务计划", icon="calendar-heart"))
