"""A whole service whose analysts sign in at an issuer."""

import time
from collections.abc import Awaitable
from pathlib import Path

import grpc

from sekisho import settings
from sekisho.bootstrap import opened
from sekisho.starting import derived, read_keys
from sekisho.tokens import KEY_PURPOSE, Tokens
from sekisho.v1.review_pb2 import Analyst, GetAnalystRequest
from tests.support.issuer import CLIENT_ID, issuing, rsa_key
from tests.support.server import Client, refused


async def test_a_service_with_an_issuer_takes_its_tokens_and_none_of_its_own_keys(
    tmp_path: Path,
) -> None:
    with issuing(rsa_key()) as issuer:
        effective = settings.load(
            {
                "SEKISHO_DATA_DIR": str(tmp_path),
                "SEKISHO_LISTEN": "127.0.0.1:0",
                "SEKISHO_CONSOLE": "false",
                "SEKISHO_OIDC_ISSUER": issuer.url,
                "SEKISHO_OIDC_CLIENT_ID": CLIENT_ID,
                "SEKISHO_OIDC_NAME_CLAIM": "preferred_username",
                "SEKISHO_OIDC_REQUIRED_CLAIM": "groups=fraud",
            }
        )
        async with (
            opened(effective) as service,
            grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel,
        ):
            client = Client(channel)

            def called(token: str) -> Awaitable[Analyst]:
                metadata = (("authorization", f"Bearer {token}"),)
                request = GetAnalystRequest()
                return client.review.GetAnalyst(request, timeout=10, metadata=metadata)

            good = issuer.token(groups=["fraud"], preferred_username="sato")
            assert (await called(good)).name == "analyst/sato"
            keys = derived(read_keys(effective), KEY_PURPOSE)
            own = Tokens(keys).issue("analyst", "sato", time.time(), 60)
            for token in (own, issuer.token(groups=["staff"]), issuer.token(groups=["fraud"])):
                assert (await refused(called(token))).code is grpc.StatusCode.UNAUTHENTICATED
