"""What the reading log plugs into the doors."""

from songbai.web.plugs import WATCH, Link, links

links["bureau"].at(440)(Link("bureau:audit", "查阅记录", icon="history", under=WATCH))
links["bureau elder"].at(90)(Link("bureau:audit", "谁看过这份档案", query="?person={}"))
