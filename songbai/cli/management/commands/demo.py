import http.client
import socket
import time
from typing import Any

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.table import Table

from songbai.cli import assets, processes
from songbai.cli.command import CommandError, CommandParser, HouseCommand
from songbai.cli.demo import build, marker, people
from songbai.cli.progress import Report
from songbai.core import clock, scope


class Command(HouseCommand):
    """The demo city: builds it on the first start, then serves it until Ctrl-C."""

    help = "演示城市：第一次启动时建好，然后提供服务，Ctrl-C 停止"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to build and where to serve."""
        parser.add_argument("--build-only", action="store_true", help="只建数据，不启动服务")
        parser.add_argument(
            "--fresh", action="store_true", help="删掉演示的数据库重新建（会先问数据库的名字）"
        )
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="网页进程数")
        parser.add_argument("--seed", type=int, default=build.SEED, help="同一个数建出同一批人")
        parser.add_argument(
            "--region",
            default="500151",
            help="500151 铜梁区（默认，35 天历史）；50 全市 704 万老人（其他区县 14 天历史，"
            "约 12 分钟）；也可以写几个区县代码，用逗号隔开",
        )
        parser.add_argument(
            "--size", type=int, help="每个区县建多少位老人（不写就是真实的人数；少了建得快）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build what is missing, then serve."""
        self.console = Console()
        self.began = time.monotonic()
        host, port = options["host"], options["port"]
        _require_known(options["region"])
        if not options["build_only"]:
            _require_free(host, port)
        assets.build(self.console.print)
        if options["fresh"]:
            self._start_over()
        city = {name: options[name] for name in ("region", "seed", "size")}
        processes.when_it_answers(lambda: self._prepare(city), self.console.print)
        try:
            self._city(city)
        except OperationalError as error:
            raise CommandError("数据库断开了，没有建完。下次请加 --fresh 从头建。") from error
        connection.close()
        if options["build_only"]:
            return
        children = [processes.web(host, port, options["workers"]), processes.worker()]
        processes.run(children, self.console.print, lambda: self._doors(host, port))
        self.console.print("已停止")

    def _start_over(self) -> None:
        """Drop a demo's database, after its name was typed; no other one is ever dropped."""
        if marker.read() is None:
            raise CommandError(
                f"数据库 {marker.database()} 里的不是演示数据，songbai demo 不会删它。"
                "想看演示，请换一个空的数据库（另设 SONGBAI_HOME 或 DATABASE_URL）。"
            )
        self.console.print(
            f"[bold red]会删掉数据库 {marker.database()}[/]，里面有 {marker.elders():,} 位老人"
            "和在演示里做过的一切，删了找不回来。"
        )
        if _typed("要删，就输入数据库的名字：") != marker.database():
            raise CommandError("名字不对，什么都没有删。")
        marker.drop_database()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            began = time.monotonic()
            call_command("migrate", verbosity=0, interactive=False)
            self.console.print(f"[green]✓[/] 建表  {time.monotonic() - began:.1f} 秒")

    def _prepare(self, city: dict[str, Any]) -> None:
        """Tables for this city, unless the database is for something else."""
        built = marker.read()
        if built is None and marker.is_inhabited():
            raise CommandError(
                f"数据库 {marker.database()} 里已有数据，不是演示数据，什么都没有动。"
                "想看演示，请换一个空的数据库（另设 SONGBAI_HOME 或 DATABASE_URL）。"
            )
        if built is not None and "date" not in built:
            raise CommandError("上次的演示没有建完。请加 --fresh 重新建。")
        if built is not None and (was := {name: built.get(name) for name in city}) != city:
            said = " ".join(f"--{name} {it}" for name, it in was.items() if it is not None)
            raise CommandError(f"已建的是 {said}。换一个请加 --fresh。")
        self._migrate()
        scope.begin()  # what the story signs is checked

    def _city(self, city: dict[str, Any]) -> None:
        built = marker.read()
        if built is None:
            self._build(city)
        elif built["date"] != str(clock.today()):
            self.console.print(
                f"[yellow]演示数据是 {built['date']} 建的，“今天”的安排请用 --fresh 重新建[/]"
            )

    def _build(self, city: dict[str, Any]) -> None:
        marker.begin()
        try:
            summary = build.build_demo(**city, report=Report(self.console))
        except KeyboardInterrupt as error:
            raise CommandError("已取消，没有建完。下次请加 --fresh 从头建。") from error
        finally:
            if not marker.is_inhabited():
                marker.wipe()
        marker.write(summary, city)
        took = time.monotonic() - self.began
        self.console.print(
            f"建好了：{summary.elders:,} 位老人，{summary.orders:,} 个订单，共 {took:.0f} 秒"
        )

    def _doors(self, host: str, port: int) -> None:
        address = f"http://{host}:{port}"
        answered = _wait_for(host, port)
        table = Table(title=f"{address}  演示账号（人名、电话都是虚构的）", title_justify="left")
        for title in ("入口", "谁", "手机号/账号", "密码"):
            table.add_column(title, no_wrap=title != "谁", overflow="fold")
        table.add_row("/", "任何人", "不用登录", "")
        for login in people.LOGINS:
            who = f"{login.name}，{login.title}"
            password = people.PASSWORD if login.is_staff else "验证码"
            table.add_row(login.url, who, people.phone_of(login), password)
        self.console.print(table)
        self.console.print(f"验证码和工作人员的动态码都在 [bold]{address}/demo/[/]")
        took = time.monotonic() - self.began
        self.console.print(
            f"启动用了 {took:.1f} 秒，Ctrl-C 停止"
            if answered
            else "[red]网页服务没有应答，请看上面的错误[/]"
        )


def _require_known(region: str) -> None:
    """Before anything is written."""
    try:
        build.districts_of(region)
    except KeyError as error:
        raise CommandError(f"没有这个区县代码：{error.args[0]}") from error


def _typed(question: str) -> str:
    """What somebody types; nothing where nobody can."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"端口 {port} 已被占用，请换一个：--port {port + 1}") from error


def _wait_for(host: str, port: int, seconds: float = 30.0) -> bool:
    """Wait until the about page answers; False when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        line = http.client.HTTPConnection(host, port, timeout=seconds)
        try:
            line.request("GET", "/about/")
            return line.getresponse().status < 500
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    return False
