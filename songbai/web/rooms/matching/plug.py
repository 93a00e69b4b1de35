"""What matching plugs into the doors."""

from songbai.web.plugs import CARE, Link, links

links["bureau"].at(120)(Link("bureau:matching", "疑似同一人", icon="user-search", under=CARE))
