"""What every call goes through: an identity, a role and a place; then its method."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final, NoReturn

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from sekisho.application.ports.telemetry import Telemetry
from sekisho.rpc import admission, errors
from sekisho.rpc.admission import Holder, Places
from sekisho.rpc.call import Call, Context
from sekisho.rpc.identity import Identities
from sekisho.rpc.methods import LONG_SECONDS, METHODS, Method, require
from sekisho.rpc.turns import FEW, Turns

_log = structlog.get_logger("sekisho.rpc")

Parse = Callable[[bytes], Message]
# A method of a service: its request and answer are those of the proto, which its descriptor
# tells and no type can.
Serve = Callable[[Any, Call], Awaitable[Message]]
Watch = Callable[[Any, Call], AsyncGenerator[Message, None]]
Handler = Callable[[Any, Context], Awaitable[Any]]

GRACE_SECONDS: Final = 1.0
"""What a use case gets beyond its own time, to answer by itself that it is over."""

_NOT_ALLOWED = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})


class Endpoints:
    """Makes the methods of services callable.

    Messages are parsed here and not by gRPC, which would answer INTERNAL to bytes that are none.
    """

    def __init__(
        self,
        identities: Identities,
        telemetry: Telemetry,
        *,
        most_in_flight: int,
        most_watching: int,
        most_seconds: float,
    ) -> None:
        """Take the limits: calls in work, calls that watch, and seconds for a short call."""
        self._identities = identities
        self._telemetry = telemetry
        self._in_flight = Places(most_in_flight)
        self._watching = Places(most_watching)
        self._turns = Turns()
        self._most_seconds = most_seconds
        self._drained = asyncio.Event()

    def handler(self, descriptor: ServiceDescriptor, service: object) -> grpc.GenericRpcHandler:
        """Return what serves each method of `descriptor` by the method of that name in `service`.

        Raises LookupError where a method has no row in METHODS.
        """
        return grpc.method_handlers_generic_handler(
            descriptor.full_name,
            {
                method.name: self._endpoint(method, getattr(service, method.name))
                for method in descriptor.methods
            },
        )

    def end_watches(self) -> None:
        """Send every watching caller away, to ask another process."""
        self._drained.set()

    def _endpoint(
        self, descriptor: MethodDescriptor, serve: Callable[[Any, Call], Any]
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        name = descriptor.full_name
        method = METHODS[name]
        parse = GetMessageClass(descriptor.input_type).FromString
        # All are streams to gRPC, which reads the one message of any other before it says that
        # there is a call, and waits for it as long as its caller likes.
        if descriptor.server_streaming:
            return grpc.stream_stream_rpc_method_handler(self._watch(name, method, parse, serve))
        if descriptor.client_streaming:
            return grpc.stream_unary_rpc_method_handler(self._stream(name, method, parse, serve))
        at_counter = {"shop", "terminal"}.issubset(descriptor.input_type.fields_by_name)
        unary = self._unary(name, method, parse, serve, at_counter)
        return grpc.stream_unary_rpc_method_handler(unary)

    def _unary(
        self, name: str, method: Method, parse: Parse, serve: Serve, at_counter: bool
    ) -> Handler:
        async def finish(holders: tuple[Holder, ...], call: Call, context: Context) -> bytes:
            request: Any = await _read(parse, context)
            if at_counter:
                holders = admission.named(holders, call.identity, request)
            self._in_flight.take(holders)
            try:
                if self._in_flight.taken > FEW:
                    await self._turns.wait(self._in_flight.taken)
                # What waited too long is not begun.
                call.seconds_left()
                return (await serve(request, call)).SerializeToString()
            finally:
                self._in_flight.leave(holders)

        async def handle(_: object, context: Context) -> bytes:
            try:
                self._turns.arrived()
                call = await self._admit(method, context)
                holders = admission.of(call.identity)
                self._in_flight.check(holders, busy=self._turns.late)
                if call.bounded:
                    return await finish(holders, call, context)
                async with asyncio.timeout(call.seconds_left() + GRACE_SECONDS):
                    return await finish(holders, call, context)
            except Exception as error:
                await self._refuse(error, name, context)

        return handle

    def _stream(self, name: str, method: Method, parse: Parse, serve: Serve) -> Handler:
        async def handle(bodies: AsyncIterator[bytes], context: Context) -> bytes:
            try:
                self._turns.arrived()
                call = await self._admit(method, context)
                holders = admission.of(call.identity)
                self._in_flight.take(holders)
                try:
                    requests = _complete(parse, bodies, context)
                    async with asyncio.timeout(call.seconds_left()):
                        return (await serve(requests, call)).SerializeToString()
                finally:
                    self._in_flight.leave(holders)
            except Exception as error:
                await self._refuse(error, name, context)

        return handle

    def _watch(self, name: str, method: Method, parse: Parse, watch: Watch) -> Handler:
        async def handle(_: object, context: Context) -> None:
            try:
                self._turns.arrived()
                call = await self._admit(method, context)
                holders = admission.of(call.identity)
                self._watching.take(holders)
                try:
                    async with asyncio.timeout(call.seconds_left()):
                        request = await _read(parse, context)
                    async for message in self._until_drained(watch(request, call)):
                        await context.write(message.SerializeToString())
                finally:
                    self._watching.leave(holders)
            except Exception as error:
                await self._refuse(error, name, context)

        return handle

    async def _until_drained(self, source: AsyncGenerator[Message, None]) -> AsyncIterator[Message]:
        """Yield what `source` does. Raises DrainingError once the server stops."""
        drained = asyncio.create_task(self._drained.wait())
        try:
            async with aclosing(source):
                while True:
                    step = asyncio.ensure_future(anext(source, None))
                    try:
                        await asyncio.wait((step, drained), return_when=asyncio.FIRST_COMPLETED)
                        if not step.done():
                            raise errors.DrainingError("this process is stopping")
                    finally:
                        # A generator can only be closed when nothing runs in it any more.
                        step.cancel()
                        await asyncio.wait((step,))
                    message = step.result()
                    if message is None:
                        return
                    yield message
        finally:
            drained.cancel()

    async def _admit(self, method: Method, context: Context) -> Call:
        identity = await self._identities.of(context)
        require(identity, method.roles)
        return Call(identity, context, LONG_SECONDS if method.long else self._most_seconds)

    async def _refuse(self, error: Exception, name: str, context: Context) -> NoReturn:
        if isinstance(error, grpc.aio.BaseError):
            # The transport's: the caller is gone, and nobody is left to answer.
            raise asyncio.CancelledError from error
        refusal = errors.refusal(error, name)
        self._telemetry.refused(refusal.reason)
        if refusal.code in _NOT_ALLOWED:
            _log.warning("refused", method=name, reason=refusal.reason, message=refusal.message)
        await context.abort(refusal.code, refusal.message, refusal.trailing_metadata)


async def _read(parse: Parse, context: Context) -> Message:
    """Return the one message of a call."""
    body = await context.read()
    if not isinstance(body, bytes):
        raise errors.MalformedMessageError("the call ended before its message came")
    return _parsed(parse, body)


def _parsed(parse: Parse, body: bytes) -> Message:
    try:
        return parse(body)
    except DecodeError:
        raise errors.MalformedMessageError("the bytes are not the message of this method") from None


async def _complete(
    parse: Parse, bodies: AsyncIterator[bytes], context: Context
) -> AsyncIterator[Message]:
    """Yield a stream's messages, and end only where its caller said that these are all.

    gRPC ends the iterator in the same way when the caller is gone: half a watchlist would count
    as the whole. Only someone who is still there can be sent the headers; for anyone else this
    raises, or the call is cancelled meanwhile.
    """
    async for body in bodies:
        yield _parsed(parse, body)
    await context.send_initial_metadata(())
