"""``songbai assess …``: instruments, scores and FHIR from files, without a database."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from songbai.domain.assessments.rules import fhir, gate
from songbai.domain.assessments.rules.answers import ImpossibleAnswers, Problem
from songbai.domain.assessments.rules.instrument import (
    FOLDER,
    Instrument,
    UnknownInstrument,
    WrongInstrument,
    load,
    load_all,
)
from songbai.domain.assessments.rules.scoring import score

OK, REFUSED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for answers that are refused, 2 for wrong use."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], object] = options.run
    try:
        _print(run(options))
    except ImpossibleAnswers as error:
        return _refuse(REFUSED, error.problems)
    except (UnknownInstrument, WrongInstrument) as error:
        return _refuse(MISUSED, [Problem("", str(error.args[0]))])
    except fhir.NotThisQuestionnaire as error:
        return _refuse(REFUSED, [Problem("", str(error))])
    except OSError as error:
        return _refuse(MISUSED, [Problem("", f"读不了文件 {error.filename}：{error.strerror}")])
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return _refuse(MISUSED, [Problem("", f"不是 JSON 文件：{error}")])
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="songbai assess", description="能力评估：量表和计分")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="量表所在的文件夹")
    commands = parser.add_subparsers(required=True, metavar="命令")
    commands.add_parser("list", help="有哪些量表").set_defaults(run=_list)

    def command(
        of: Any, name: str, run: Callable[[argparse.Namespace], object], help_: str
    ) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = of.add_parser(name, help=help_)
        added.add_argument("--instrument", required=True, help="量表代码，如 gbt42195-2022")
        added.set_defaults(run=run)
        return added

    answered = [
        command(commands, "score", _score, "给一份答案计分"),
        command(commands, "gate", _gate, "自评表：能不能申请评估"),
    ]
    command(commands, "show", _show, "一个量表的全部内容")
    command(commands, "template", _template, "一份可以照着填的答案（全部填最好的一档）")
    exchange = commands.add_parser("fhir", help="FHIR R4 导入导出").add_subparsers(
        required=True, metavar="命令"
    )
    command(exchange, "questionnaire", _questionnaire, "导出 Questionnaire")
    answered += [
        command(exchange, "response", _response, "把一份答案导出为 QuestionnaireResponse"),
        command(exchange, "answers", _answers, "从 QuestionnaireResponse 读回答案"),
    ]
    for one in answered:
        one.add_argument("--answers", required=True, help="JSON 文件，- 表示标准输入")
    return parser


def _list(options: argparse.Namespace) -> object:
    return [
        {
            "instrument": one.code,
            "standard": one.standard,
            "version": one.version,
            "title": one.title,
            "items": len(one.items),
            "verified": one.verified,
            "wording_verified": one.wording_verified,
        }
        for one in load_all(options.folder).values()
    ]


def _instrument(options: argparse.Namespace) -> Instrument:
    return load(options.instrument, options.folder)


def _given(options: argparse.Namespace) -> Any:
    raw = sys.stdin.buffer.read() if options.answers == "-" else Path(options.answers).read_bytes()
    return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ImpossibleAnswers([Problem(name, "填了两次") for name in twice])
    return dict(pairs)


def _score(options: argparse.Namespace) -> object:
    return score(_instrument(options), _given(options)).as_json()


def _gate(options: argparse.Namespace) -> object:
    return gate.judge(_instrument(options), _given(options)).as_json()


def _show(options: argparse.Namespace) -> object:
    return _instrument(options).model_dump(by_alias=True, exclude_none=True, mode="json")


def _template(options: argparse.Namespace) -> object:
    return {
        code: (item.number.high if item.number.worse == "lower" else item.number.low)
        if item.number
        else item.options[0].points
        for code, item in _instrument(options).items.items()
    }


def _questionnaire(options: argparse.Namespace) -> object:
    return fhir.questionnaire(_instrument(options))


def _response(options: argparse.Namespace) -> object:
    return fhir.response(_instrument(options), _given(options))


def _answers(options: argparse.Namespace) -> object:
    return fhir.answers(_instrument(options), _given(options))


def _print(found: object) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def _refuse(code: int, problems: list[Problem]) -> int:
    told = [{"item": problem.item, "problem": problem.problem} for problem in problems]
    sys.stderr.write(json.dumps({"errors": told}, ensure_ascii=False, indent=2) + "\n")
    return code
