"""A small HTTP server that answers as OSRM and Valhalla do, over real sockets.

Every way takes 90 seconds for each thousandth of a degree of latitude between its ends, so a test
can tell rows from columns; ways from ``no_way`` are unknown.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

Point = tuple[float, float]


@dataclass
class Roads:
    """What the server knows, what it was asked, and how it misbehaves."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    no_way: Point | None = None
    broken: str = ""

    def seconds(self, start: Point, end: Point) -> float | None:
        if start == self.no_way:
            return None
        return round((end[1] - start[1]) * 1000) * 90.0 if end[1] >= start[1] else 30.0


@contextmanager
def road_server() -> Iterator[Roads]:
    """The server, listening on a free port while the block runs."""
    roads = Roads()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(_osrm(roads, self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(_valhalla(roads, json.loads(body)))

        def _answer(self, found: object) -> None:
            roads.asked.append(self.path)
            body = roads.broken.encode() or json.dumps(found).encode()
            self.send_response(500 if roads.broken == "500" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        roads.address = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield roads
        server.shutdown()


def _osrm(roads: Roads, path: str) -> object:
    url = urlsplit(path)
    points = [tuple(map(float, one.split(","))) for one in url.path.split("/")[-1].split(";")]
    query = parse_qs(url.query)
    if len(points) > 100:
        return {"code": "TooBig"}
    starts, ends = (
        [points[int(i)] for i in query[name][0].split(";")] for name in ("sources", "destinations")
    )
    table = [[roads.seconds((a[0], a[1]), (b[0], b[1])) for b in ends] for a in starts]
    return {"code": "Ok", "durations": table}


def _valhalla(roads: Roads, asked: dict[str, list[dict[str, float]]]) -> object:
    starts, ends = (
        [(one["lon"], one["lat"]) for one in asked[name]] for name in ("sources", "targets")
    )
    return {
        "units": "kilometers",
        "sources_to_targets": [
            [
                {"from_index": i, "to_index": j, "time": roads.seconds(a, b), "distance": 1.0}
                for j, b in enumerate(ends)
            ]
            for i, a in enumerate(starts)
        ],
    }
