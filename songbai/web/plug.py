"""What the frames plug in themselves; then the rooms, in their order."""

from songbai.web import rooms
from songbai.web.frames.bureau.cockpit import work_count
from songbai.web.plugs import Link, links

links["bureau"].at(0)(
    Link("bureau:overview", "一屏总览", icon="layout-dashboard", count=work_count)
)
links["family"].at(30)(Link("family:sos", "求助", icon="phone-call"))
links["portal"].at(90)(Link("portal:about", "使用说明"))

rooms.modules("plug")
