"""A client of Manyvox, by threads (Client) and for asyncio (AsyncClient). It makes the id of a
message and repeats the call with it, so that a message is answered once, whatever breaks."""

from __future__ import annotations

import asyncio
import math
import random
import time
import uuid
from collections import Counter
from typing import Any, AsyncIterator, Iterator, Literal, Union
from urllib.parse import urlsplit

import grpc
from google.rpc import error_details_pb2, status_pb2

from manyvox.v1 import channel_pb2 as pb
from manyvox.v1 import channel_pb2_grpc, subscription_pb2_grpc
from manyvox.v1.subscription_pb2 import SubscribeRequest, SubscribeResponse

# Why a call failed. Newer versions may add some. It is empty where Manyvox was not heard.
Reason = Union[Literal[
    "INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "CHANNEL_NOT_FOUND", "FAILED_PRECONDITION",
    "CHANNEL_NOT_OPEN", "ADDRESS_UNKNOWN", "CONFIGURATION_INVALID", "LOOP", "MESSAGE_ID_REUSED", "TURN_ABORTED",
    "PROGRAM_ENDED", "REPLIES_NOT_KEPT", "CURSOR_EXPIRED", "CURSOR_UNKNOWN", "REQUEST_TOO_LARGE", "REPLIES_TOO_LARGE",
    "RATE_LIMITED", "OVERLOADED", "AGENT_OVERLOADED", "UNAVAILABLE", "DRAINING", "AGENT_UNREACHABLE",
    "JOURNAL_UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELED", "STOPPED", "AGENT_FAILED", "INTERNAL", "",
], str]
StreamEvent = Union[pb.Delta, pb.StreamReply]  # a piece of a text, or a complete reply
_OPTIONS = [("grpc.enable_retries", 0), ("grpc.max_reconnect_backoff_ms", 5000), ("grpc.keepalive_time_ms", 30000),
            ("grpc.keepalive_timeout_ms", 10000), ("grpc.http2.max_pings_without_data", 0)]  # notice a silent cut
_CUT = (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.CANCELLED)


class ManyvoxError(Exception):
    """A call that failed for good: repeating it would not help, or was tried often enough."""

    def __init__(self, cause: Any, message_id: str) -> None:
        super().__init__(f"{cause.code().name}: {cause.details()}")
        self.code, self.message_id = cause.code(), message_id  # the id that the message had in every attempt
        info, retry, partial = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo(), pb.ReceiveResponse()
        for detail in status_pb2.Status.FromString(dict([*(cause.trailing_metadata() or ())]).get("grpc-status-details-bin", b"")).details:
            detail.Unpack(info) or detail.Unpack(retry) or detail.Unpack(partial)
        self.reason: Reason = info.reason
        self.retry_after = retry.retry_delay.ToTimedelta().total_seconds()  # how long to wait, 0 when Manyvox does not say
        self.replies = list(partial.replies)  # what receive had got before it failed; receive_stream has given it

    def _may_repeat(self) -> bool:
        """Says what the table "Errors" of docs/api.md says. Without a reason the error is the network's."""
        if self.code == grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.retry_after > 0
        always = self.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        return always or self.reason == "PROGRAM_ENDED" or (not self.reason and self.code in _CUT)


class _Call:
    """One call over all its attempts, for both clients. A message gets its id here."""

    def __init__(self, client: _Connection, request: Any, timeout: float | None) -> None:
        self.client, self.failures, self.request = client, 0, type(request)()
        self.request.CopyFrom(request)
        if isinstance(request, (pb.ReceiveRequest, pb.ReceiveStreamRequest)):
            self.request.message_id = request.message_id or uuid.uuid4().hex
        self.deadline = math.inf if timeout is None else time.monotonic() + timeout
        self.given: Counter[str] = Counter()  # how much of each text by its reply id, and how many replies

    def begin(self) -> dict[str, Any]:
        """Begins an attempt and returns its options."""
        self.seen: Counter[str] = Counter()  # a repeat begins with what was given
        left = self.deadline - time.monotonic()
        return {"timeout": None if left == math.inf else max(0, left), "metadata": self.client.metadata}

    def heard(self, response: SubscribeResponse) -> SubscribeResponse | None:
        """Returns a response to Subscribe that says something."""
        self.request.after, self.failures = response.cursor, 0
        return response if response.WhichOneof("event") else None

    def told(self, response: pb.ReceiveStreamResponse) -> StreamEvent | None:
        """Returns what is new in a response to ReceiveStream."""
        kind, delta = response.WhichOneof("event"), response.delta
        if kind not in ("reply", "delta") or (kind == "delta" and self.seen[""] < self.given[""]):
            return None
        key, size = ("", 1) if kind == "reply" else (delta.reply_id, len(delta.text))
        self.seen[key] += size
        new = min(size, self.seen[key] - self.given[key])
        if new <= 0:
            return None
        self.given[key], self.failures = self.seen[key], 0
        if kind == "reply":
            return response.reply
        delta.text = delta.text[-new:]
        return delta

    def pause(self, cause: grpc.RpcError) -> float:
        """Returns how long to wait before the next attempt, or raises when there is to be none."""
        self.failures += 1
        err = ManyvoxError(cause, getattr(self.request, "message_id", ""))
        wait = err.retry_after + min(10, 0.25 * 2**self.failures) * random.uniform(0.5, 1)
        if time.monotonic() + wait >= self.deadline or self.failures >= self.client.attempts or not err._may_repeat():
            raise err from cause
        return wait


class _Connection:
    _grpc: Any = grpc
    channel: Any  # for what the client does not cover: ConversationServiceStub(client.channel)

    def __init__(self, url: str, token: str = "", *, attempts: int = 5, credentials: grpc.ChannelCredentials | None = None):
        """attempts is how often a call may fail in a row with nothing new in between."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.path.strip("/"):
            raise ValueError(f"url {url!r}: expected http://HOST:PORT or https://HOST:PORT")
        target = parts.netloc if parts.port else f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"
        tls = (credentials or grpc.ssl_channel_credentials(),) if parts.scheme == "https" else ()
        self.channel = (self._grpc.secure_channel if tls else self._grpc.insecure_channel)(target, *tls, _OPTIONS)
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self.attempts, self.close = attempts, self.channel.close
        self._asks = channel_pb2_grpc.ChannelServiceStub(self.channel)
        self._hears = subscription_pb2_grpc.SubscriptionServiceStub(self.channel)


class Client(_Connection):
    """Talks to Manyvox; threads may share it. A timeout is in seconds, for a call with its repeats."""

    def receive(self, request: pb.ReceiveRequest, timeout: float | None = None) -> pb.ReceiveResponse:
        """Sends a message and returns all replies, once the assistant is done."""
        return self._unary(self._asks.Receive, request, timeout)

    def stop(self, request: pb.StopRequest, timeout: float | None = None) -> pb.StopResponse:
        """Ends the turn of a message that was sent with a message_id."""
        return self._unary(self._asks.Stop, request, timeout)

    def receive_stream(self, request: pb.ReceiveStreamRequest, timeout: float | None = None) -> Iterator[StreamEvent]:
        """Sends a message and gives the replies as they are written. A stream that is cut is joined again."""
        return self._stream(self._asks.ReceiveStream, _Call.told, request, timeout)

    def subscribe(self, request: SubscribeRequest, timeout: float | None = None) -> Iterator[SubscribeResponse]:
        """Gives what is said to a sender outside its calls, each once."""
        return self._stream(self._hears.Subscribe, _Call.heard, request, timeout)

    def _unary(self, method: Any, request: Any, timeout: float | None) -> Any:
        call = _Call(self, request, timeout)
        while True:
            try:
                return method(call.request, **call.begin())
            except grpc.RpcError as err:
                time.sleep(call.pause(err))

    def _stream(self, method: Any, take: Any, request: Any, timeout: float | None) -> Iterator[Any]:
        call = _Call(self, request, timeout)
        while True:
            stream = method(call.request, **call.begin())
            try:
                yield from (new for response in stream if (new := take(call, response)) is not None)
                return
            except grpc.RpcError as err:
                time.sleep(call.pause(err))
            finally:
                stream.cancel()


class AsyncClient(_Connection):
    """Client for asyncio: its calls are awaited, its streams are for "async for"."""

    _grpc = grpc.aio

    async def receive(self, request: pb.ReceiveRequest, timeout: float | None = None) -> pb.ReceiveResponse:
        return await self._unary(self._asks.Receive, request, timeout)

    async def stop(self, request: pb.StopRequest, timeout: float | None = None) -> pb.StopResponse:
        return await self._unary(self._asks.Stop, request, timeout)

    def receive_stream(self, request: pb.ReceiveStreamRequest, timeout: float | None = None) -> AsyncIterator[StreamEvent]:
        return self._stream(self._asks.ReceiveStream, _Call.told, request, timeout)

    def subscribe(self, request: SubscribeRequest, timeout: float | None = None) -> AsyncIterator[SubscribeResponse]:
        return self._stream(self._hears.Subscribe, _Call.heard, request, timeout)

    async def _unary(self, method: Any, request: Any, timeout: float | None) -> Any:
        call = _Call(self, request, timeout)
        while True:
            try:
                return await method(call.request, **call.begin())
            except grpc.RpcError as err:
                await asyncio.sleep(call.pause(err))

    async def _stream(self, method: Any, take: Any, request: Any, timeout: float | None) -> AsyncIterator[Any]:
        call = _Call(self, request, timeout)
        while True:
            stream = method(call.request, **call.begin())
            try:
                async for response in stream:
                    if (new := take(call, response)) is not None:
                        yield new
                return
            except grpc.RpcError as err:
                await asyncio.sleep(call.pause(err))
            finally:
                stream.cancel()
