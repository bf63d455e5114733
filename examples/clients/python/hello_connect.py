"""Talks to Manyvox by connectrpc, with asyncio."""

import asyncio
import os
import uuid

from connectrpc.errors import ConnectError
from google.rpc.error_details_pb import ErrorInfo
from manyvox.v1.channel_connect import ChannelServiceClient
from manyvox.v1.channel_pb import ReceiveRequest, ReceiveStreamRequest


async def main():
    headers = {"authorization": f"Bearer {os.environ.get('TOKEN')}"}
    async with ChannelServiceClient(os.environ.get("MANYVOX_URL", "http://localhost:5005")) as client:
        # With a message_id the call may be made again: the assistant sees the message once.
        request = ReceiveRequest(sender="me", message="hello", message_id=str(uuid.uuid4()))
        for _ in range(2):
            response = await client.receive(request, headers=headers)
            print("reply:", response.replies[0].text)

        async for response in client.receive_stream(ReceiveStreamRequest(sender="me", message="/stream 3"), headers=headers):
            if response.event and response.event.field == "delta":
                print("delta:", response.event.value.text)

        try:
            await client.receive(ReceiveRequest(sender="me", metadata_json="{"), headers=headers)
        except ConnectError as error:
            for detail in error.details:
                if info := detail.value(ErrorInfo):
                    print("error:", error.code.name, info.reason)


asyncio.run(main())
