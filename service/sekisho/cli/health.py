"""`sekisho health`: asks a server whether it serves."""

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import Exit


def health(*, service: str = "", connection: Connection = LOCAL) -> int:
    """Ask a server whether it serves. Exits with 0 if it does and with 3 if not.

    Parameters
    ----------
    service
        One service, for example sekisho.v1.RiskCheckService; the whole server without.
    connection
        How to reach the server.

    """
    with channel(connection) as opened:
        check = opened.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        answer = check(HealthCheckRequest(service=service), timeout=connection.timeout)
    print(HealthCheckResponse.ServingStatus.Name(answer.status))
    serving = answer.status == HealthCheckResponse.SERVING
    return Exit.OK if serving else Exit.UNAVAILABLE
