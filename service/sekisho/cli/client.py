"""Calls a server for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, cast

import grpc
from cyclopts import Parameter

from sekisho import settings
from sekisho.cli.failures import CommandError, Exit

_EXITS: Final = {
    grpc.StatusCode.INVALID_ARGUMENT: Exit.BAD_INPUT,
    grpc.StatusCode.UNAVAILABLE: Exit.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exit.UNAVAILABLE,
    grpc.StatusCode.NOT_FOUND: Exit.NOT_FOUND,
    grpc.StatusCode.PERMISSION_DENIED: Exit.REFUSED,
    grpc.StatusCode.UNAUTHENTICATED: Exit.REFUSED,
    grpc.StatusCode.ALREADY_EXISTS: Exit.CONFLICT,
    grpc.StatusCode.ABORTED: Exit.CONFLICT,
    grpc.StatusCode.FAILED_PRECONDITION: Exit.CONFLICT,
}


@Parameter(name="*", group="Connection")
@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach the server.

    Parameters
    ----------
    server
        Address of the server, HOST:PORT.
    ca
        CA that signed the server's certificate (PEM); turns TLS on.
    cert
        Client certificate (PEM).
    key
        Private key of the client certificate (PEM).
    lang
        Language of the texts for people: ja or en.
    timeout
        Longest time for the call, in seconds.

    """

    server: Annotated[str, Parameter(env_var=settings.SERVER_VARIABLE, show_default=True)] = (
        settings.DEFAULT_LISTEN
    )
    ca: Annotated[Path | None, Parameter(env_var=settings.CA_VARIABLE)] = None
    cert: Annotated[Path | None, Parameter(env_var=settings.CERT_VARIABLE)] = None
    key: Annotated[Path | None, Parameter(env_var=settings.KEY_VARIABLE)] = None
    lang: Annotated[
        Literal["ja", "en"], Parameter(env_var=settings.LANG_VARIABLE, show_default=True)
    ] = "en"
    timeout: Annotated[float, Parameter(show_default=True)] = 10.0

    @property
    def metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        """What every call sends beside its message."""
        return (("accept-language", self.lang),)


LOCAL: Final = Connection()


@contextmanager
def channel(connection: Connection) -> Iterator[grpc.Channel]:
    """Open a channel; what goes wrong in a call within becomes a CommandError."""
    opened = _open(connection)
    try:
        with opened:
            yield opened
    except grpc.RpcError as error:
        raise failure(error, connection) from None


def failure(error: grpc.RpcError, connection: Connection) -> CommandError:
    """Return what to tell of a failed call: its status, every bad field, and what may help."""
    from google.rpc import error_details_pb2
    from grpc_status import rpc_status

    # Every error of a client's call is the call itself; grpc's types do not say so.
    call = cast(grpc.Call, error)
    code, text = call.code(), call.details() or ""
    fields: list[tuple[str, str]] = []
    hint = ""
    try:
        status = rpc_status.from_call(call)
    except ValueError:
        status = None
    for detail in status.details if status else ():
        bad, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(bad):
            fields = [(found.field, found.description) for found in bad.field_violations]
        elif detail.Unpack(retry):
            hint = f"try again in {retry.retry_delay.ToTimedelta().total_seconds():g} s"
    if code is grpc.StatusCode.UNAVAILABLE and status is None:
        text = f"no answer from {connection.server} ({_transport(text)})"
        hint = "is the server running? `sekisho serve` starts one"
    elif code is grpc.StatusCode.DEADLINE_EXCEEDED and status is None:
        text = f"no answer from {connection.server} within {connection.timeout:g} s"
    return CommandError(f"{code.name}: {text}", _EXITS.get(code, Exit.FAILED), fields, hint)


def _transport(text: str) -> str:
    """Return the readable end of what grpc says of a connection that failed."""
    return text.rsplit(": ", 1)[-1].strip(" .()")[:200]


def _open(connection: Connection) -> grpc.Channel:
    # The defaults stop at 4 MB; a case with many facts stays far below, a page of entries may not.
    options = [("grpc.max_receive_message_length", 32 * 1024 * 1024)]
    if connection.ca is None:
        if connection.cert or connection.key:
            raise CommandError("--cert and --key need --ca")
        return grpc.insecure_channel(connection.server, options)
    if (connection.cert is None) != (connection.key is None):
        raise CommandError("--cert and --key go together")
    credentials = grpc.ssl_channel_credentials(
        read_bytes(connection.ca),
        read_bytes(connection.key) if connection.key else None,
        read_bytes(connection.cert) if connection.cert else None,
    )
    return grpc.secure_channel(connection.server, credentials, options)


def read_bytes(path: Path) -> bytes:
    """Read a file that an option names."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from None
