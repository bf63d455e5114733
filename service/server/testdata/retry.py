"""Makes one gRPC call with a service config: retry.py TARGET PROCEDURE CONFIG.

The request is read from standard input and the answer written to standard output, both as
bytes, so that no generated code is needed.
"""
import sys

import grpc

target, procedure, config = sys.argv[1:]
with grpc.insecure_channel(target, options=[("grpc.service_config", config)]) as channel:
    call = channel.unary_unary(procedure)
    sys.stdout.buffer.write(call(sys.stdin.buffer.read(), timeout=30))
