"""Sheets in and out: csv, xlsx, xls, ods and JSON lines read rightly or refused with the reason.

Row M01: departments and villages send files made by hand and by many programs. Reading gives rows
whose cells are clean values with their place in the sender's file; writing gives templates and the
sender's own rows back with each bad cell marked. Nothing here knows what the columns mean.

``read`` streams rows with full care; ``read_columns`` gives the same text by columns, for a million
rows.
"""

from songbai.core.sheets.columns import Columns, read_columns
from songbai.core.sheets.reading import read
from songbai.core.sheets.refusals import CellRefused, SheetRefused
from songbai.core.sheets.returned import ReturnedRow, returned_workbook
from songbai.core.sheets.sheet import UPLOAD, Kind, Limits, Row, Sheet
from songbai.core.sheets.templates import TemplateColumn, template
from songbai.core.sheets.values import Flag, Value, as_code, as_date, as_number
