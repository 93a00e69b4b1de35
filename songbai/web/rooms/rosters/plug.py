"""What village registers plug into the doors."""

from songbai.web.plugs import WATCH, Link, links

links["bureau"].at(430)(Link("bureau:rosters", "村社名册", icon="file-spreadsheet", under=WATCH))
