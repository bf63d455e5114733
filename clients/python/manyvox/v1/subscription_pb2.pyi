import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from manyvox.v1 import channel_pb2 as _channel_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubscribeRequest(_message.Message):
    __slots__ = ("channel", "sender", "after")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    after: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("cursor", "said", "gap")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    said: Said
    gap: SubscriptionGap
    def __init__(self, cursor: _Optional[str] = ..., said: _Optional[_Union[Said, _Mapping]] = ..., gap: _Optional[_Union[SubscriptionGap, _Mapping]] = ...) -> None: ...

class Said(_message.Message):
    __slots__ = ("message_id", "time", "replies")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    REPLIES_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    time: _timestamp_pb2.Timestamp
    replies: _containers.RepeatedCompositeFieldContainer[_channel_pb2.Reply]
    def __init__(self, message_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., replies: _Optional[_Iterable[_Union[_channel_pb2.Reply, _Mapping]]] = ...) -> None: ...

class SubscriptionGap(_message.Message):
    __slots__ = ("reason", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    code: str
    def __init__(self, reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...
