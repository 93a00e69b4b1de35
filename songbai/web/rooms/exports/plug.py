"""What exports plug into the doors."""

from songbai.web.plugs import WATCH, Link, links

links["bureau"].at(450)(Link("bureau:exports", "导出记录", icon="file-export", under=WATCH))
