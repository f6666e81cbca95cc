"""A short story of four requests, played over gRPC against a running server."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from google.protobuf import json_format

from sekisho.cli import shop_files
from sekisho.cli.client import Connection, channel
from sekisho.cli.decision import get_case
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.requests import new_request_id
from sekisho.v1.decision_pb2 import Decision, Verdict
from sekisho.v1.line_event_pb2 import UpsertLineRecordRequest
from sekisho.v1.line_event_pb2_grpc import LineEventServiceStub
from sekisho.v1.review_pb2 import Case
from sekisho.v1.risk_check_pb2 import AssessSimChangeRequest, GetDecisionRequest
from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceStub
from sekisho.v1.shop_pb2 import ImportShopsRequest
from sekisho.v1.shop_pb2_grpc import ShopServiceStub

_PATIENCE_SECONDS = 15.0

SHOPS = "shops.toml"
LINES = ("line-1-tanaka.json", "line-2-sato.json", "line-3-sato.json")


@dataclass(frozen=True, slots=True)
class Scene:
    """One request of the story, and the verdict that the default policy should give."""

    title: str
    file: str
    expected: "Verdict.ValueType"


SCENES = (
    Scene(
        "An ordinary SIM reissue: phone lost, licence read by its chip",
        "1-ordinary-reissue.json",
        Verdict.VERDICT_ALLOW,
    ),
    Scene(
        "A forged licence: real data, but no chip answers and two fields do not fit",
        "2-forged-licence.json",
        Verdict.VERDICT_STEP_UP,
    ),
    Scene(
        "The same card an hour's train ride away, for another line",
        "3-same-card-second-shop.json",
        Verdict.VERDICT_STEP_UP,
    ),
)
REPEAT_TITLE = "The first request once more: the same decision, counted once"


@dataclass(frozen=True, slots=True)
class Played:
    """One scene as it went. The decision comes in both languages that a clerk may read."""

    title: str
    file: str
    request: AssessSimChangeRequest
    expected: "Verdict.ValueType"
    ja: Decision
    en: Decision
    case: Case


def folder() -> Path:
    """Return the folder of the example files, readable by hand too."""
    # sekisho is never run from a zip file, so that the resource is a real folder.
    return Path(str(resources.files("sekisho.cli").joinpath("examples")))


def request(file: str) -> AssessSimChangeRequest:
    """Return the request of an example file, with a fresh request_id."""
    text = (folder() / file).read_text(encoding="utf-8")
    return json_format.Parse(text, AssessSimChangeRequest(request_id=new_request_id()))


def prepare(connection: Connection) -> tuple[int, int]:
    """Tell the server of the story's shops and lines; return how many of each."""
    shops = shop_files.read(folder() / SHOPS)
    with channel(connection) as opened:
        ShopServiceStub(opened).ImportShops(
            ImportShopsRequest(request_id=new_request_id(), shops=shops),
            timeout=connection.timeout,
        )
        for file in LINES:
            record = UpsertLineRecordRequest(request_id=new_request_id())
            json_format.Parse((folder() / file).read_text(encoding="utf-8"), record)
            record.record_time.GetCurrentTime()
            LineEventServiceStub(opened).UpsertLineRecord(record, timeout=connection.timeout)
        for scene in SCENES:
            _wait_until_known(RiskCheckServiceStub(opened), request(scene.file), connection)
    return len(shops), len(LINES)


def _wait_until_known(
    stub: RiskCheckServiceStub, asked: AssessSimChangeRequest, connection: Connection
) -> None:
    """Wait until the cache has what the ledger was told a moment ago: no signal is missing."""
    asked.validate_only = True
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while stub.AssessSimChange(asked, timeout=connection.timeout).degraded:
        if time.monotonic() > deadline:
            raise CommandError(f"a signal is missing after {_PATIENCE_SECONDS:g} s", Exit.FAILED)
        time.sleep(0.02)


def play(connection: Connection) -> Iterator[Played]:
    """Play the scenes one by one."""
    requests = [request(scene.file) for scene in SCENES]
    for scene, asked in zip(SCENES, requests, strict=True):
        yield _play(connection, scene, asked)
    yield _play(connection, replace(SCENES[0], title=REPEAT_TITLE), requests[0])


def _play(connection: Connection, scene: Scene, asked: AssessSimChangeRequest) -> Played:
    with channel(connection) as opened:
        stub = RiskCheckServiceStub(opened)
        ja = stub.AssessSimChange(
            asked, timeout=connection.timeout, metadata=(("accept-language", "ja"),)
        )
        en = stub.GetDecision(
            GetDecisionRequest(name=ja.name),
            timeout=connection.timeout,
            metadata=(("accept-language", "en"),),
        )
    case = get_case(ja.name, connection)
    return Played(scene.title, scene.file, asked, scene.expected, ja, en, case)
