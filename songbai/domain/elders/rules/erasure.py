"""What is left of a person after erasure. Pure."""

#: Stands where the name was.
ERASED_NAME = "已清除"
#: What goes and what stays, in words for the page that asks for it.
ERASED_WORDS = (
    "姓名、证件号、电话、住址、家的位置",
    "家属授权、同意书的证明材料",
    "各处加密的内容（账号、诊断等）和手写的备注",
)
KEPT_WORDS = (
    "查阅记录和导出记录",
    "账本",
    "按村社、年龄段的人数",
    "办过什么事、什么时候办的（不带姓名）",
)
