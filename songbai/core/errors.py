"""Errors a person meets. The docstring of a class is its default message, in plain Chinese.

Each says what is wrong and what to do next. Web shows a ``FormError`` where the person typed, and
nothing typed is lost; what is not there (``NotFound``) is a page of its own. ``Mendable`` is what
another word or another try may mend: all but ``NotFound`` and ``NotAllowed``.
"""

import inspect


class SongbaiError(Exception):
    """出了点问题，您填的内容还在，请再试一次，或拨 12349。"""

    field: str | None = None

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.field = field or type(self).field
        super().__init__(self.message)


class FormError(SongbaiError):
    """这样办不成，请看页面上的说明。"""


class NotAllowed(FormError):
    """您现在的身份不能办这件事。请换一个账号登录，或拨 12349。"""


class NotFound(SongbaiError):
    """没有找到这条记录，可能已经删除，或不在您能看的范围里。"""


class Mendable(FormError):
    """这样办不成，请看页面上的说明，改了再试。"""


class Refused(Mendable):
    """现在不能这样办。"""


class AnotherWasFirst(Refused):
    """就在刚才，同样的事已经办了一次，这一次没有再办。请刷新页面看结果。"""


class UnknownRegion(Refused):
    """没有这个地方。请从列表里选镇街或村社。"""

    field = "region"


class TryAgain(Mendable):
    """系统正忙，您填的内容还在，请过一分钟再试。"""
