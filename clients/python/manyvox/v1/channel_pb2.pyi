from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HealthRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HealthResponse(_message.Message):
    __slots__ = ("status", "channels")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[HealthResponse.Status]
        STATUS_SERVING: _ClassVar[HealthResponse.Status]
        STATUS_DRAINING: _ClassVar[HealthResponse.Status]
    STATUS_UNSPECIFIED: HealthResponse.Status
    STATUS_SERVING: HealthResponse.Status
    STATUS_DRAINING: HealthResponse.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    status: HealthResponse.Status
    channels: _containers.RepeatedCompositeFieldContainer[ChannelHealth]
    def __init__(self, status: _Optional[_Union[HealthResponse.Status, str]] = ..., channels: _Optional[_Iterable[_Union[ChannelHealth, _Mapping]]] = ...) -> None: ...

class ChannelHealth(_message.Message):
    __slots__ = ("name", "type", "capabilities")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ...) -> None: ...

class ReceiveRequest(_message.Message):
    __slots__ = ("channel", "sender", "message", "input_channel", "metadata", "metadata_json", "message_id", "attachments")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    INPUT_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    message: str
    input_channel: str
    metadata: _struct_pb2.Struct
    metadata_json: str
    message_id: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., message: _Optional[str] = ..., input_channel: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., metadata_json: _Optional[str] = ..., message_id: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ...) -> None: ...

class ReceiveResponse(_message.Message):
    __slots__ = ("replies", "message_id")
    REPLIES_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    replies: _containers.RepeatedCompositeFieldContainer[Reply]
    message_id: str
    def __init__(self, replies: _Optional[_Iterable[_Union[Reply, _Mapping]]] = ..., message_id: _Optional[str] = ...) -> None: ...

class ReceiveStreamRequest(_message.Message):
    __slots__ = ("channel", "sender", "message", "input_channel", "metadata", "metadata_json", "message_id", "attachments")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    INPUT_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    message: str
    input_channel: str
    metadata: _struct_pb2.Struct
    metadata_json: str
    message_id: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., message: _Optional[str] = ..., input_channel: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., metadata_json: _Optional[str] = ..., message_id: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ...) -> None: ...

class ReceiveStreamResponse(_message.Message):
    __slots__ = ("delta", "reply", "started")
    DELTA_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    delta: Delta
    reply: StreamReply
    started: Started
    def __init__(self, delta: _Optional[_Union[Delta, _Mapping]] = ..., reply: _Optional[_Union[StreamReply, _Mapping]] = ..., started: _Optional[_Union[Started, _Mapping]] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("message_id",)
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    def __init__(self, message_id: _Optional[str] = ...) -> None: ...

class Delta(_message.Message):
    __slots__ = ("reply_id", "text", "format")
    REPLY_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    reply_id: str
    text: str
    format: str
    def __init__(self, reply_id: _Optional[str] = ..., text: _Optional[str] = ..., format: _Optional[str] = ...) -> None: ...

class StreamReply(_message.Message):
    __slots__ = ("reply_id", "reply")
    REPLY_ID_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    reply_id: str
    reply: Reply
    def __init__(self, reply_id: _Optional[str] = ..., reply: _Optional[_Union[Reply, _Mapping]] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ("recipient_id", "text", "image", "buttons", "attachment", "custom", "custom_json", "format", "attachment_json", "kind", "too_large")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Reply.Kind]
        KIND_TEXT: _ClassVar[Reply.Kind]
        KIND_BUTTONS: _ClassVar[Reply.Kind]
        KIND_IMAGE: _ClassVar[Reply.Kind]
        KIND_ATTACHMENT: _ClassVar[Reply.Kind]
        KIND_CUSTOM: _ClassVar[Reply.Kind]
        KIND_TOO_LARGE: _ClassVar[Reply.Kind]
    KIND_UNSPECIFIED: Reply.Kind
    KIND_TEXT: Reply.Kind
    KIND_BUTTONS: Reply.Kind
    KIND_IMAGE: Reply.Kind
    KIND_ATTACHMENT: Reply.Kind
    KIND_CUSTOM: Reply.Kind
    KIND_TOO_LARGE: Reply.Kind
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_JSON_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_JSON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TOO_LARGE_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    text: str
    image: str
    buttons: _containers.RepeatedCompositeFieldContainer[Button]
    attachment: _struct_pb2.Value
    custom: _struct_pb2.Value
    custom_json: str
    format: str
    attachment_json: str
    kind: Reply.Kind
    too_large: TooLarge
    def __init__(self, recipient_id: _Optional[str] = ..., text: _Optional[str] = ..., image: _Optional[str] = ..., buttons: _Optional[_Iterable[_Union[Button, _Mapping]]] = ..., attachment: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., custom: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., custom_json: _Optional[str] = ..., format: _Optional[str] = ..., attachment_json: _Optional[str] = ..., kind: _Optional[_Union[Reply.Kind, str]] = ..., too_large: _Optional[_Union[TooLarge, _Mapping]] = ...) -> None: ...

class TooLarge(_message.Message):
    __slots__ = ("kind", "size", "part_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    kind: Reply.Kind
    size: int
    part_id: str
    def __init__(self, kind: _Optional[_Union[Reply.Kind, str]] = ..., size: _Optional[int] = ..., part_id: _Optional[str] = ...) -> None: ...

class Button(_message.Message):
    __slots__ = ("title", "payload", "extra", "extra_json")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    EXTRA_JSON_FIELD_NUMBER: _ClassVar[int]
    title: str
    payload: str
    extra: _struct_pb2.Struct
    extra_json: str
    def __init__(self, title: _Optional[str] = ..., payload: _Optional[str] = ..., extra: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., extra_json: _Optional[str] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("type", "url", "mime", "name", "size", "ref", "content")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    MIME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    type: str
    url: str
    mime: str
    name: str
    size: int
    ref: str
    content: bytes
    def __init__(self, type: _Optional[str] = ..., url: _Optional[str] = ..., mime: _Optional[str] = ..., name: _Optional[str] = ..., size: _Optional[int] = ..., ref: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ("channel", "sender", "message_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    message_id: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., message_id: _Optional[str] = ...) -> None: ...

class StopResponse(_message.Message):
    __slots__ = ("stopped",)
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    stopped: bool
    def __init__(self, stopped: bool = ...) -> None: ...
