"""Promise 7: no identifier in the clear."""

from pathlib import Path

import grpc
import pytest

from tests.support.server import refused
from tests.support.service import Whole, forged, ordinary

SECRETS = (
    b"+819012345678",
    b"9012345678",
    b"301612345630",
    b"30161234563",
    b"8981100022152967705",
    b"490154203237518",
    b"taro@example.jp",
    "山田 太郎".encode(),
    "ヤマダ".encode(),
    b"1990-05-05",
    b"clerk-7",
)
INDIVIDUAL_NUMBER = "123456789018"


async def test_nothing_on_disk_or_in_the_log_holds_an_identifier(
    service: Whole, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await service.assess(ordinary())
    await service.assess(forged())
    wrong = ordinary()
    wrong.sim_change.msisdn = "+81901234567899"
    await refused(service.assess(wrong))
    written = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert any(path.name == "ledger.db" for path in written)
    logged = "".join(capfd.readouterr()).encode()
    for secret in SECRETS:
        assert secret not in logged
        for path, content in written.items():
            assert secret not in content, path


async def test_an_individual_number_is_refused_and_kept_nowhere(
    service: Whole, tmp_path: Path
) -> None:
    request = ordinary()
    request.sim_change.documents[0].number = INDIVIDUAL_NUMBER
    request.sim_change.applicant.name = f"山田 {INDIVIDUAL_NUMBER}"
    call = await refused(service.assess(request))
    assert call.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(call.violations) == {
        "sim_change.documents[0].number",
        "sim_change.applicant.name",
    }
    assert INDIVIDUAL_NUMBER not in call.message + str(call.violations)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or INDIVIDUAL_NUMBER.encode() not in path.read_bytes()
