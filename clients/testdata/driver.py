"""Makes one call with the Python package for a test, and writes a line for all that comes of it:

    python driver.py Client|AsyncClient URL receive|stream|subscribe|leave '{"sender": "ann"}'

Leave goes away from a stream after its first event.
"""

import asyncio
import inspect
import sys

from google.protobuf.json_format import Parse
from manyvox import client as manyvox
from manyvox.v1 import channel_pb2 as pb
from manyvox.v1 import subscription_pb2

kind, url, method, json = sys.argv[1:]


def texts(replies):
    return "|".join(reply.text for reply in replies)


def show(event):
    if isinstance(event, pb.Delta):
        line = f"delta {event.reply_id} {event.text}"
    elif isinstance(event, pb.StreamReply):
        line = f"reply {event.reply_id} {event.reply.text}"
    else:
        line = f"said {event.said.message_id} {texts(event.said.replies)}"
    print(line, flush=True)


async def each(events):
    """Goes through the events of either client."""
    if inspect.isasyncgen(events):
        async for event in events:
            yield event
    else:
        for event in events:
            yield event


async def call(client):
    if method == "receive":
        response = client.receive(Parse(json, pb.ReceiveRequest()))
        response = await response if inspect.isawaitable(response) else response
        print("replies", texts(response.replies), flush=True)
    elif method == "subscribe":
        async for event in each(client.subscribe(Parse(json, subscription_pb2.SubscribeRequest()))):
            show(event)
    elif method == "stream":
        async for event in each(client.receive_stream(Parse(json, pb.ReceiveStreamRequest()))):
            show(event)
    else:
        for _ in range(2):
            events = client.receive_stream(Parse(json, pb.ReceiveStreamRequest()))
            async for event in each(events):
                show(event)
                break
            await events.aclose() if inspect.isasyncgen(events) else events.close()


async def main():
    client = getattr(manyvox, kind)(url, "open-sesame")
    try:
        await call(client)
        print("done")
    except manyvox.ManyvoxError as err:
        print(f"error {err.code.value[0]} {err.reason} {err.retry_after:g} {texts(err.replies)}".rstrip())


asyncio.run(main())
