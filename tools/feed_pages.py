"""The pages of ``docs/feeds``: each feed's schema in words, written from the schema itself.

python -m tools.feed_pages
"""

from pathlib import Path

from songbai.domain.feeds.rules.schema import (
    AS_OF,
    WITHDRAWN,
    Column,
    Schema,
    Type,
    schemas,
)

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "feeds"
_SAMPLES = {
    Type.TEXT: "A00123",
    Type.NAME: "王桂英",
    Type.ADDRESS: "巴川街道东方社区 8 幢 3-2",
    Type.ID_NUMBER: "11010519491231002X",
    Type.USCC: "91110000600037341L",
    Type.PHONE: "13800000000",
    Type.BANK_CARD: "6217001234567890123",
    Type.REGION: "500151001001",
    Type.DATE: "2026-11-02",
    Type.MONTH: "2026-11",
    Type.YES_NO: "是",
    Type.MONEY: "1860.50",
    Type.INTEGER: "3",
}
#: What the identity number of the samples says.
_PERSON = {"sex": "女", "birth_date": "1949-12-31"}


def pages() -> dict[str, str]:
    """File name → text: an overview, and one page for each feed."""
    return {"README.md": _overview(), **{f"{s.code}.md": _page(s) for s in schemas().values()}}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the pages; returns those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def sample(column: Column) -> str:
    """A cell as it could be; of one person, whose identity number says the same."""
    if column.name == WITHDRAWN:
        return ""
    if column.name in _PERSON:
        return _PERSON[column.name]
    if column.type is Type.CODE:
        return next(iter(column.codes.values()))[0]
    return _SAMPLES[column.type]


def _overview() -> str:
    lines = [
        "# 数据交换：各部门送什么、怎么送",
        "",
        "本页和各数据的格式说明由 `catalogues/feeds/*.yaml` 生成（`python -m tools.feed_pages`），"
        "改格式请改那里。",
        "格式是本平台自己的约定，没有对应的公开国家标准，标为未核实的请与部门对接时核对。",
        "",
        "| 部门 | 数据 | 代码 | 什么时候送 | 全量或变动 | 不在名册的人 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.department_name} | [{s.title}]({s.code}.md) | `{s.code}` | {s.due.words()} |"
        f" {_list_words(s)} | {_unknown_words(s)} |"
        for s in schemas().values()
    ]
    lines += ["", _RULES, ""]
    return "\n".join(lines)


_RULES = "\n".join(
    (
        "## 对所有数据都一样的约定",
        "",
        "- **文件**：CSV（UTF-8、带 BOM 的 UTF-8、GBK、GB 18030）、xlsx、xls、ods、JSON lines。"
        "一个文件一种数据、一个区县。",
        "- **表头**：用下面写的列名或别名都可以，前面可以有标题行，列的顺序不限，多出来的列不读。",
        "- **同一条记录**：来源编号相同就是同一条。再送一次不会重复；后来的日期盖过先前的；"
        "晚到、乱序不影响结果。",
        "- **送错了要撤回**：把那一行照原样再送一次，“撤销”填“是”。它说过的从此不算，"
        "别的记录说的重新算数；去世登记错了也这样撤。",
        "- **错的行**：一行里有一格不对，这一行退回，别的行照常写入。退回的文件里标出错格和原因，"
        "改好再送那几行就行。",
        "- **读得懂的写法**：15 位身份证号补成 18 位；全角数字、多余空格、文本格式的日期、"
        "Excel 的日期序号都能读。被表格软件改成科学计数的号码不能读。",
        "- **完整名单**：标“名单完整”的，要一次送全；比上次少两成以上时不自动退出，等人核对。",
        "- **个人信息**：身份证号、姓名、电话、地址、账号、诊断加密保存；文件写入后即删除。",
        "- **怎么送**：页面上传、放进文件夹、命令 `songbai feeds load`，或接口推送，"
        "见[接入一个部门](../connect-a-department.md)。",
    )
)


def _page(schema: Schema) -> str:
    lines = [
        f"# {schema.department_name}：{schema.title}",
        "",
        f"代码 `{schema.code}`。{schema.about}",
        "",
        f"- 什么时候送：{schema.due.words()}",
        f"- 全量或变动：{_list_words(schema)}",
        f"- 同一条记录看：{'、'.join(schema.column(name).title for name in schema.source_id)}",
        f"- 以哪个日期为准：{_observed_words(schema)}",
        f"- 不在名册的人：{_unknown_words(schema)}",
        f"- 依据：{schema.legal_basis or '本平台约定'}",
        f"- 格式是否与部门核对过：{'已核对' if schema.verified else '未核实'}",
        "",
        "| 列名 | 别名 | 内容 | 必填 | 个人信息 | 说明 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.title} | {'、'.join(c.aliases)} | {c.type.words} | {_tick(c.required)} |"
        f" {_tick(c.is_personal)} | {_notes(schema, c)} |"
        for c in schema.columns
    ]
    lines += ["", "写入名册的内容：", ""]
    lines += _facts(schema)
    lines += ["", "一行的样子：", "", "```csv", ",".join(c.title for c in schema.columns)]
    lines += [",".join(sample(c) for c in schema.columns), "```", ""]
    return "\n".join(lines)


def _tick(said: bool) -> str:
    return "是" if said else ""


def _facts(schema: Schema) -> list[str]:
    if schema.subject == "organisation":
        return ["- 登记信息；已是服务商的，名称跟着改，注销、吊销的停止接单"]
    found = []
    for fact in schema.facts:
        held = f"，从{schema.column(fact.valid_from).title}起" if fact.valid_from else ""
        held += f"，到{schema.column(fact.valid_to).title}止" if fact.valid_to else ""
        found.append(f"- `{fact.kind}`：{schema.column(fact.column).title}{held}")
    found += [f"- 不在名单里的人：`{kind}` 按没有算" for kind in schema.complete]
    return found


def _notes(schema: Schema, column: Column) -> str:
    notes = []
    if column.type is Type.CODE:
        notes.append(
            "；".join(f"{code} = {'、'.join(words)}" for code, words in column.codes.items())
        )
    if column.past:
        notes.append("不晚于今天")
    if column.not_before:
        notes.append(f"不早于{schema.column(column.not_before).title}")
    if column.most:
        notes.append(f"不超过 {column.most // 100} 元")
    return "；".join(notes)


def _list_words(schema: Schema) -> str:
    if schema.complete:
        return "全量，名单完整"
    return "全量" if schema.list == "full" else "变动"


def _observed_words(schema: Schema) -> str:
    if schema.observed_at == AS_OF:
        return "整份数据的截止日期（送的时候写明，不写按收到的时刻）"
    return schema.column(schema.observed_at).title


def _unknown_words(schema: Schema) -> str:
    if schema.subject == "organisation":
        return "不涉及"
    return "满 60 岁的登记为新人" if schema.unknown_people == "register" else "列入待匹配"


if __name__ == "__main__":
    print(*write(), sep="\n")
