"""Talks to Manyvox by grpcio."""

import json
import os
import uuid

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from manyvox.v1.channel_pb2 import ReceiveRequest, ReceiveStreamRequest
from manyvox.v1.channel_pb2_grpc import ChannelServiceStub

# Has grpcio repeat what the assistant has not seen.
RETRIES = {"methodConfig": [{"name": [{}], "retryPolicy": {
    "maxAttempts": 5, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]}
channel = grpc.insecure_channel(os.environ.get("MANYVOX_ADDRESS", "localhost:5005"), [("grpc.service_config", json.dumps(RETRIES))])
client = ChannelServiceStub(channel)
metadata = [("authorization", f"Bearer {os.environ.get('TOKEN')}")]

# With a message_id the call may be made again: the assistant sees the message once.
request = ReceiveRequest(sender="me", message="hello", message_id=str(uuid.uuid4()))
for _ in range(2):
    print("reply:", client.Receive(request, metadata=metadata).replies[0].text)

for event in client.ReceiveStream(ReceiveStreamRequest(sender="me", message="/stream 3"), metadata=metadata):
    if event.HasField("delta"):
        print("delta:", event.delta.text)

try:
    client.Receive(ReceiveRequest(sender="me", metadata_json="{"), metadata=metadata)
except grpc.RpcError as error:
    for detail in rpc_status.from_call(error).details:
        info = ErrorInfo()
        if detail.Unpack(info):
            print("error:", error.code().name, info.reason)
