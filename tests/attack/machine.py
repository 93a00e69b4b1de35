"""The machine's door, driven by its own description with the key of a department."""

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from songbai.api.tests.signing import headers

from .site import BEHIND, Site

HOLDS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: What a request names beside whatever the description allows: a feed of the key, a delivery of it.
NAMED: list[dict[str, Any]] = [{}, {"feed": "renshe_pensions"}]


def operations(description: dict[str, Any]) -> list[Any]:
    """What the description says can be asked."""
    found = schemathesis.openapi.from_dict(description).get_all_operations()
    return [one.ok() for one in found]  # type: ignore[union-attr]  # else it raises, as it should


def driven(site: Site, description: dict[str, Any], cases: int) -> Counter[int]:
    """Answers by status to so many cases of each address, allowed and not.

    Raises AssertionError for one that is not as the description says.
    """
    answers: Counter[int] = Counter()

    def signed(sent: Any) -> Any:
        """Sign what is about to be sent, byte for byte."""
        target, body = urlsplit(sent.url), sent.body or b""
        path = target.path + (f"?{target.query}" if target.query else "")
        told = body.encode() if isinstance(body, str) else body
        sent.headers.update(BEHIND | headers((site.key[0], site.key[1]), sent.method, path, told))
        return sent

    for operation in operations(description):
        ways = [
            operation.as_strategy(mode, path_parameters=named)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            for named in NAMED
        ]

        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(ways))
        def ask(case: Any) -> None:
            reply = case.call(base_url=site.stage.url, auth=signed)
            answers[reply.status_code] += 1
            case.validate_response(reply, checks=HOLDS)

        ask()
    return answers
