"""The matrix program of connectrpc."""

import asyncio
import sys

from connectrpc.code import Code
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.protocol import ProtocolType
from pyqwest import Client, HTTPTransport, HTTPVersion

import lead

sys.path.insert(0, "genconnect")
from google.rpc.error_details_pb import BadRequest, ErrorInfo, RetryInfo  # noqa: E402
from manyvox.v1.channel_connect import ChannelServiceClient  # noqa: E402
from manyvox.v1.channel_pb import HealthRequest, ReceiveRequest, ReceiveStreamRequest  # noqa: E402
from manyvox.v1.conversation_connect import ConversationServiceClient  # noqa: E402
from manyvox.v1.conversation_pb import ListEventsRequest, WatchEventsRequest  # noqa: E402
from manyvox.v1.subscription_connect import SubscriptionServiceClient  # noqa: E402
from manyvox.v1.subscription_pb import SubscribeRequest  # noqa: E402

PROTOCOLS = {"connect": ProtocolType.CONNECT, "grpc": ProtocolType.GRPC, "grpc-web": ProtocolType.GRPC_WEB}


class Call:
    """The clients of one connection."""

    def __init__(self, c, transport):
        options = {
            "protocol": PROTOCOLS[c.protocol], "http_client": Client(transport),
            "send_compression": GzipCompression() if c.gzip else None,
        }
        self.channels = ChannelServiceClient(f"http://{c.at}", **options)
        self.conversations = ConversationServiceClient(f"http://{c.at}", **options)
        self.subscriptions = SubscriptionServiceClient(f"http://{c.at}", **options)
        self.options = {"headers": {"authorization": f"Bearer {c.token}"}, "timeout_ms": c.timeout_ms or None}


async def act(c, result):
    async with HTTPTransport(http_version=HTTPVersion.HTTP2) as transport:
        try:
            await VERBS[c.do](Call(c, transport), c, result)
        except ConnectError as error:
            result.error = failure(error)


async def health(call, c, result):
    for channel in (await call.channels.health(HealthRequest(), **call.options)).channels:
        result.see("channel", channel.name)


async def receive(call, c, result):
    request = ReceiveRequest(sender=c.sender, message=c.text, message_id=c.message_id, metadata_json=c.metadata_json)
    for left in reversed(range(5 if c.retry else 1)):
        try:
            response = await call.channels.receive(request, **call.options)
            break
        except ConnectError as error:
            if not left or error.code != Code.UNAVAILABLE:
                raise
    for reply in response.replies:
        result.see("reply", reply.text or "", reply.custom_json)


async def stream(call, c, result):
    request = ReceiveStreamRequest(sender=c.sender, message=c.text, message_id=c.message_id)
    events = call.channels.receive_stream(request, **call.options)
    async for response in events:
        event = response.event
        match event.field if event else "":
            case "started":
                result.see("started", event.value.message_id)
            case "delta":
                result.see("delta", event.value.text)
            case "reply":
                result.see("reply", event.value.reply.text or "", event.value.reply.custom_json)
        if len(result.events) == c.cancel_after:
            await events.aclose()
            return


async def many(call, c, result):
    await health(call, c, lead.Result())

    async def one(i):
        own, command = lead.Result(), type(c)(**{**vars(c), "sender": f"sender-{i}"})
        await stream(call, command, own)
        return own.events[-1]["kind"] == "reply"

    result.count = sum(await asyncio.gather(*(one(i) for i in range(c.count))))


async def list_events(call, c, result):
    token = None
    while token != "":
        request = ListEventsRequest(channel="rest", sender=c.sender, page_size=c.page_size, page_token=token or "")
        page = await call.conversations.list_events(request, **call.options)
        result.count += 1
        for event in page.events:
            result.see("event", event.cursor)
        token = page.next_page_token


async def watch(call, c, result):
    request = WatchEventsRequest(channel="rest", sender=c.sender, after=c.after)
    async for response in call.conversations.watch_events(request, **call.options):
        result.cursor = response.cursor
        if response.event is not None:
            result.see("event", response.event.cursor)
        if len(result.events) == c.take:
            return


async def subscribe(call, c, result):
    request = SubscribeRequest(sender=c.sender, after=c.after)
    async for response in call.subscriptions.subscribe(request, **call.options):
        result.cursor = response.cursor
        if response.event and response.event.field == "said":
            for reply in response.event.value.replies:
                result.see("said", reply.text or "")
        if len(result.events) == c.take:
            return


VERBS = {"health": health, "receive": receive, "stream": stream, "many": many, "list": list_events, "watch": watch, "subscribe": subscribe}


def failure(error):
    """Reads an error."""
    seen = {"code": error.code.name.lower(), "reason": "", "field": "", "retry_after": ""}
    for detail in error.details:
        if info := detail.value(ErrorInfo):
            seen["reason"] = info.reason
        elif bad := detail.value(BadRequest):
            seen["field"] = bad.field_violations[0].field
        elif retry := detail.value(RetryInfo):
            seen["retry_after"] = str(retry.retry_delay.seconds)
    return seen


with asyncio.Runner() as runner:
    lead.run(lambda c, result: runner.run(act(c, result)))
