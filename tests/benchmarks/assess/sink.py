"""A collector that takes every span and keeps none; it prints its port.

What the exporter in the service costs is to be measured, not what a collector does.
"""

import asyncio
from typing import Any

import grpc
import uvloop


async def _take(_request: bytes, _context: Any) -> bytes:
    return b""


class _Everything(grpc.GenericRpcHandler):
    def service(self, _details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Take whatever is sent."""
        return grpc.unary_unary_rpc_method_handler(_take)


async def main() -> None:
    """Serve until killed."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Everything(),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
