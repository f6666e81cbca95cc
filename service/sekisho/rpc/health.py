"""grpc.health.v1: one state for all services, which ends what watches it when the server stops.

The library's own servicer leaves its watchers hanging, and each stop would wait out its grace.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class Health(health_pb2_grpc.HealthServicer):
    """SERVING as long as STEP_UP can be answered."""

    def __init__(self, services: Iterable[str]) -> None:
        """Take the full names of the services; the empty name stands for all."""
        self._services = frozenset(("", *services))
        self._serving = True
        self._stopping = False
        self._changed = asyncio.Condition()

    async def set(self, *, serving: bool) -> None:
        """Say whether the server can answer."""
        async with self._changed:
            self._serving = serving
            self._changed.notify_all()

    async def stop(self) -> None:
        """Say NOT_SERVING for good, and let every watch end after it."""
        async with self._changed:
            self._stopping = True
            self._changed.notify_all()

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> health_pb2.HealthCheckResponse:
        """Return a service's status."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return health_pb2.HealthCheckResponse(status=self._status(request.service))

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Context) -> None:
        """Send a service's status, then each change."""
        status: int | None = None
        while status != self._status(request.service):
            status = self._status(request.service)
            await context.write(health_pb2.HealthCheckResponse(status=status))
            async with self._changed:
                await self._changed.wait_for(partial(self._has_news, request.service, status))

    def _has_news(self, service: str, told: int) -> bool:
        return self._stopping or self._status(service) != told

    def _status(self, service: str) -> int:
        if service not in self._services:
            return health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        if self._serving and not self._stopping:
            return health_pb2.HealthCheckResponse.SERVING
        return health_pb2.HealthCheckResponse.NOT_SERVING
