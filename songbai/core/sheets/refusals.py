"""Why a whole file, or one cell of it, is not taken. Said to the person who sent it."""

from songbai.core.errors import Refused


class SheetRefused(Refused):
    """这个文件读不了。请另存为 .xlsx 或 UTF-8 的 .csv 再交。"""

    field = "file"


class EmptyFile(SheetRefused):
    """这个文件是空的，里面没有一行数据。"""


class FileTooLarge(SheetRefused):
    """文件太大。请按村社或按月份拆成几个文件再交。"""


class PackedTooTight(SheetRefused):
    """这个文件解开后大得不正常，像是被动过手脚，没有打开。请用 Excel 或 WPS 另存一份再交。"""


class Locked(SheetRefused):
    """这个文件加了打开密码。请在 Excel 或 WPS 里去掉密码，另存后再交。"""


class Damaged(SheetRefused):
    """这个文件坏了，打不开。请用 Excel 或 WPS 打开，另存一份再交；打不开就向原来的人再要一份。"""


class NotASheet(SheetRefused):
    """这不是表格文件。请交 .xlsx、.xls、.ods、.csv 或 .jsonl 文件。"""


class WrongEncoding(SheetRefused):
    """认不出这个文件的文字编码。请用 Excel 或 WPS 打开，另存为 .xlsx 再交。"""


class NoHeader(SheetRefused):
    """没有找到表头。表头要占一行（或两行），每一列写上名字，例如“姓名”“身份证号”。"""


class CellRefused(Refused):
    """这一格读不懂。"""
