"""The matrix program of grpcio."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import lead

sys.path.insert(0, "gen")
from manyvox.v1 import channel_pb2, channel_pb2_grpc  # noqa: E402
from manyvox.v1 import conversation_pb2, conversation_pb2_grpc  # noqa: E402
from manyvox.v1 import subscription_pb2, subscription_pb2_grpc  # noqa: E402

RETRIES = json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": {
    "maxAttempts": 5, "initialBackoff": "0.01s", "maxBackoff": "0.1s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}}]})


class Call:
    """The clients of one connection."""

    def __init__(self, c):
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
        if c.retry:
            options.append(("grpc.service_config", RETRIES))
        if c.keepalive_ms:
            options.append(("grpc.keepalive_time_ms", c.keepalive_ms))
        compression = grpc.Compression.Gzip if c.gzip else grpc.Compression.NoCompression
        self.channel = grpc.insecure_channel(c.at, options=options, compression=compression)
        self.channels = channel_pb2_grpc.ChannelServiceStub(self.channel)
        self.conversations = conversation_pb2_grpc.ConversationServiceStub(self.channel)
        self.subscriptions = subscription_pb2_grpc.SubscriptionServiceStub(self.channel)
        self.options = {"metadata": [("authorization", f"Bearer {c.token}")]}
        if c.timeout_ms:
            self.options["timeout"] = c.timeout_ms / 1000


def act(c, result):
    call = Call(c)
    try:
        VERBS[c.do](call, c, result)
    except grpc.RpcError as error:
        result.error = failure(error)
    finally:
        call.channel.close()


def health(call, c, result):
    for channel in call.channels.Health(channel_pb2.HealthRequest(), **call.options).channels:
        result.see("channel", channel.name)


def receive(call, c, result):
    request = channel_pb2.ReceiveRequest(sender=c.sender, message=c.text, message_id=c.message_id, metadata_json=c.metadata_json)
    for reply in call.channels.Receive(request, **call.options).replies:
        result.see("reply", reply.text, reply.custom_json)


def stream(call, c, result):
    request = channel_pb2.ReceiveStreamRequest(sender=c.sender, message=c.text, message_id=c.message_id)
    events = call.channels.ReceiveStream(request, **call.options)
    for event in events:
        match event.WhichOneof("event"):
            case "started":
                result.see("started", event.started.message_id)
            case "delta":
                result.see("delta", event.delta.text)
            case "reply":
                result.see("reply", event.reply.reply.text, event.reply.reply.custom_json)
        if len(result.events) == c.cancel_after:
            events.cancel()


def many(call, c, result):
    health(call, c, lead.Result())

    def one(i):
        own, command = lead.Result(), type(c)(**{**vars(c), "sender": f"sender-{i}"})
        stream(call, command, own)
        return own.events[-1]["kind"] == "reply"

    with ThreadPoolExecutor(c.count) as pool:
        result.count = sum(pool.map(one, range(c.count)))


def list_events(call, c, result):
    token = None
    while token != "":
        page = call.conversations.ListEvents(conversation_pb2.ListEventsRequest(
            channel="rest", sender=c.sender, page_size=c.page_size, page_token=token or ""), **call.options)
        result.count += 1
        for event in page.events:
            result.see("event", event.cursor)
        token = page.next_page_token


def watch(call, c, result):
    responses = call.conversations.WatchEvents(
        conversation_pb2.WatchEventsRequest(channel="rest", sender=c.sender, after=c.after), **call.options)
    for response in responses:
        result.cursor = response.cursor
        if response.HasField("event"):
            result.see("event", response.event.cursor)
        if len(result.events) == c.take:
            return


def subscribe(call, c, result):
    responses = call.subscriptions.Subscribe(subscription_pb2.SubscribeRequest(sender=c.sender, after=c.after), **call.options)
    for response in responses:
        result.cursor = response.cursor
        for reply in response.said.replies:
            result.see("said", reply.text)
        if len(result.events) == c.take:
            return


VERBS = {"health": health, "receive": receive, "stream": stream, "many": many, "list": list_events, "watch": watch, "subscribe": subscribe}


def failure(error):
    """Reads an error."""
    seen = {"code": error.code().name.lower(), "reason": "", "field": "", "retry_after": ""}
    status = rpc_status.from_call(error)
    for packed in status.details if status else []:
        info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if packed.Unpack(info):
            seen["reason"] = info.reason
        elif packed.Unpack(bad):
            seen["field"] = bad.field_violations[0].field
        elif packed.Unpack(retry):
            seen["retry_after"] = str(retry.retry_delay.seconds)
    return seen


lead.run(act)
