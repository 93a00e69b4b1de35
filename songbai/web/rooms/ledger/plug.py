"""What the ledger plugs into the doors."""

from songbai.web.plugs import MONEY, Link, links

links["bureau"].at(320)(Link("bureau:ledger", "账本", icon="book-2", under=MONEY))
