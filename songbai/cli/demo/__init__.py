"""The demo city: an invented population on real divisions, the same for the same seed.

Pure arrays, no Django and no database. :mod:`.geography` says where villages are,
:mod:`.identity` invents names, identity numbers and telephone numbers nobody can hold,
:mod:`.population` puts elders into homes, district by district, as the columns of :mod:`.batch`
with the shares of :mod:`.shares`.
"""
