"""An agent for Manyvox in Python: a gRPC server that implements manyvox.v1.ChannelService.

    pip install grpcio grpcio-tools
    manyvox proto -o proto
    python3 -m grpc_tools.protoc -I proto --python_out . --grpc_python_out . proto/manyvox/v1/channel.proto
    python3 agent.py 50051

and in endpoints.yml: agent: {type: remote, url: http://localhost:50051, protocol: grpc}
"""

import sys
from concurrent import futures

import grpc

from manyvox.v1 import channel_pb2 as pb
from manyvox.v1 import channel_pb2_grpc


class Agent(channel_pb2_grpc.ChannelServiceServicer):
    def ReceiveStream(self, request, context):
        """Answers one message: a text in pieces, then what came with it as metadata."""
        text = ""
        for word in f"You said {request.message}".split():
            piece = word if not text else " " + word
            text += piece
            yield pb.ReceiveStreamResponse(delta=pb.Delta(reply_id="1", text=piece))
        yield pb.ReceiveStreamResponse(reply=pb.StreamReply(reply_id="1", reply=pb.Reply(text=text)))
        if request.metadata_json:
            yield pb.ReceiveStreamResponse(
                reply=pb.StreamReply(reply_id="2", reply=pb.Reply(custom_json=request.metadata_json))
            )


server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
channel_pb2_grpc.add_ChannelServiceServicer_to_server(Agent(), server)
port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
print("listening on", port, flush=True)
server.wait_for_termination()
