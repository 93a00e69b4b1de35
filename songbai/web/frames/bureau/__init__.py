"""The frame of the bureau's pages, and what each of them is written with."""

from songbai.web.places import Place, area, place_of

from .shell import kept, link, page, page_of, slice_of
