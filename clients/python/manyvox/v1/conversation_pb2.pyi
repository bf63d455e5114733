import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from manyvox.v1 import channel_pb2 as _channel_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListEventsRequest(_message.Message):
    __slots__ = ("channel", "sender", "after", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    after: str
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., after: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("channel", "sender", "after")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    after: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class WatchEventsResponse(_message.Message):
    __slots__ = ("event", "cursor")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    event: Event
    cursor: str
    def __init__(self, event: _Optional[_Union[Event, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("cursor", "time", "channel", "sender", "message_id", "message", "reply", "sent", "undelivered", "expired", "failed", "interrupted", "gap", "delivered", "read", "refused")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    UNDELIVERED_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    INTERRUPTED_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    time: _timestamp_pb2.Timestamp
    channel: str
    sender: str
    message_id: str
    message: UserMessage
    reply: EventReply
    sent: EventSent
    undelivered: EventUndelivered
    expired: EventExpired
    failed: EventFailed
    interrupted: EventInterrupted
    gap: EventGap
    delivered: EventDelivered
    read: EventRead
    refused: EventRefused
    def __init__(self, cursor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., channel: _Optional[str] = ..., sender: _Optional[str] = ..., message_id: _Optional[str] = ..., message: _Optional[_Union[UserMessage, _Mapping]] = ..., reply: _Optional[_Union[EventReply, _Mapping]] = ..., sent: _Optional[_Union[EventSent, _Mapping]] = ..., undelivered: _Optional[_Union[EventUndelivered, _Mapping]] = ..., expired: _Optional[_Union[EventExpired, _Mapping]] = ..., failed: _Optional[_Union[EventFailed, _Mapping]] = ..., interrupted: _Optional[_Union[EventInterrupted, _Mapping]] = ..., gap: _Optional[_Union[EventGap, _Mapping]] = ..., delivered: _Optional[_Union[EventDelivered, _Mapping]] = ..., read: _Optional[_Union[EventRead, _Mapping]] = ..., refused: _Optional[_Union[EventRefused, _Mapping]] = ...) -> None: ...

class UserMessage(_message.Message):
    __slots__ = ("text", "input_channel", "metadata_json", "attachments", "address")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INPUT_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    METADATA_JSON_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    text: str
    input_channel: str
    metadata_json: str
    attachments: _containers.RepeatedCompositeFieldContainer[_channel_pb2.Attachment]
    address: str
    def __init__(self, text: _Optional[str] = ..., input_channel: _Optional[str] = ..., metadata_json: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[_channel_pb2.Attachment, _Mapping]]] = ..., address: _Optional[str] = ...) -> None: ...

class EventReply(_message.Message):
    __slots__ = ("replies",)
    REPLIES_FIELD_NUMBER: _ClassVar[int]
    replies: _containers.RepeatedCompositeFieldContainer[_channel_pb2.Reply]
    def __init__(self, replies: _Optional[_Iterable[_Union[_channel_pb2.Reply, _Mapping]]] = ...) -> None: ...

class EventSent(_message.Message):
    __slots__ = ("part_id", "receipt")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    receipt: str
    def __init__(self, part_id: _Optional[str] = ..., receipt: _Optional[str] = ...) -> None: ...

class EventUndelivered(_message.Message):
    __slots__ = ("part_id", "reason", "code")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    reason: str
    code: str
    def __init__(self, part_id: _Optional[str] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class EventExpired(_message.Message):
    __slots__ = ("part_id", "reason", "code")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    reason: str
    code: str
    def __init__(self, part_id: _Optional[str] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class EventFailed(_message.Message):
    __slots__ = ("reason", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    code: str
    def __init__(self, reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class EventInterrupted(_message.Message):
    __slots__ = ("reason", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    code: str
    def __init__(self, reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class EventGap(_message.Message):
    __slots__ = ("reason", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    code: str
    def __init__(self, reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class EventDelivered(_message.Message):
    __slots__ = ("part_id", "receipt")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    receipt: str
    def __init__(self, part_id: _Optional[str] = ..., receipt: _Optional[str] = ...) -> None: ...

class EventRead(_message.Message):
    __slots__ = ("part_id", "receipt")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    receipt: str
    def __init__(self, part_id: _Optional[str] = ..., receipt: _Optional[str] = ...) -> None: ...

class EventRefused(_message.Message):
    __slots__ = ("reason", "code")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    code: str
    def __init__(self, reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("channel", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: str
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("id", "kind", "reason", "died", "channel", "sender", "may_repeat", "message_id", "message", "part", "code")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[DeadLetter.Kind]
        KIND_FAILED: _ClassVar[DeadLetter.Kind]
        KIND_INTERRUPTED: _ClassVar[DeadLetter.Kind]
        KIND_UNDELIVERED: _ClassVar[DeadLetter.Kind]
        KIND_UNREADABLE: _ClassVar[DeadLetter.Kind]
        KIND_EXPIRED: _ClassVar[DeadLetter.Kind]
        KIND_REFUSED: _ClassVar[DeadLetter.Kind]
    KIND_UNSPECIFIED: DeadLetter.Kind
    KIND_FAILED: DeadLetter.Kind
    KIND_INTERRUPTED: DeadLetter.Kind
    KIND_UNDELIVERED: DeadLetter.Kind
    KIND_UNREADABLE: DeadLetter.Kind
    KIND_EXPIRED: DeadLetter.Kind
    KIND_REFUSED: DeadLetter.Kind
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DIED_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MAY_REPEAT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    id: int
    kind: DeadLetter.Kind
    reason: str
    died: _timestamp_pb2.Timestamp
    channel: str
    sender: str
    may_repeat: bool
    message_id: str
    message: UserMessage
    part: Part
    code: str
    def __init__(self, id: _Optional[int] = ..., kind: _Optional[_Union[DeadLetter.Kind, str]] = ..., reason: _Optional[str] = ..., died: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., channel: _Optional[str] = ..., sender: _Optional[str] = ..., may_repeat: bool = ..., message_id: _Optional[str] = ..., message: _Optional[_Union[UserMessage, _Mapping]] = ..., part: _Optional[_Union[Part, _Mapping]] = ..., code: _Optional[str] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("id", "address", "reply")
    ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    id: str
    address: str
    reply: _channel_pb2.Reply
    def __init__(self, id: _Optional[str] = ..., address: _Optional[str] = ..., reply: _Optional[_Union[_channel_pb2.Reply, _Mapping]] = ...) -> None: ...

class DeadLetterIds(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ids: _Optional[_Iterable[int]] = ...) -> None: ...

class AllDeadLetters(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: str
    def __init__(self, channel: _Optional[str] = ...) -> None: ...

class ReplayDeadLettersRequest(_message.Message):
    __slots__ = ("ids", "all")
    IDS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    ids: DeadLetterIds
    all: AllDeadLetters
    def __init__(self, ids: _Optional[_Union[DeadLetterIds, _Mapping]] = ..., all: _Optional[_Union[AllDeadLetters, _Mapping]] = ...) -> None: ...

class ReplayDeadLettersResponse(_message.Message):
    __slots__ = ("replayed", "unknown_ids")
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_IDS_FIELD_NUMBER: _ClassVar[int]
    replayed: int
    unknown_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, replayed: _Optional[int] = ..., unknown_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class DropDeadLettersRequest(_message.Message):
    __slots__ = ("ids", "all")
    IDS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    ids: DeadLetterIds
    all: AllDeadLetters
    def __init__(self, ids: _Optional[_Union[DeadLetterIds, _Mapping]] = ..., all: _Optional[_Union[AllDeadLetters, _Mapping]] = ...) -> None: ...

class DropDeadLettersResponse(_message.Message):
    __slots__ = ("dropped", "unknown_ids")
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_IDS_FIELD_NUMBER: _ClassVar[int]
    dropped: int
    unknown_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, dropped: _Optional[int] = ..., unknown_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class DeleteConversationRequest(_message.Message):
    __slots__ = ("channel", "sender")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ...) -> None: ...

class DeleteConversationResponse(_message.Message):
    __slots__ = ("rows",)
    ROWS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    def __init__(self, rows: _Optional[int] = ...) -> None: ...

class WatchChannelLogRequest(_message.Message):
    __slots__ = ("channel", "follow", "after")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    channel: str
    follow: bool
    after: str
    def __init__(self, channel: _Optional[str] = ..., follow: bool = ..., after: _Optional[str] = ...) -> None: ...

class WatchChannelLogResponse(_message.Message):
    __slots__ = ("exchange", "cursor", "missed")
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    exchange: Exchange
    cursor: str
    missed: int
    def __init__(self, exchange: _Optional[_Union[Exchange, _Mapping]] = ..., cursor: _Optional[str] = ..., missed: _Optional[int] = ...) -> None: ...

class Exchange(_message.Message):
    __slots__ = ("id", "time", "first_time", "count", "direction", "route", "status", "duration", "bytes", "verdict", "code", "text", "sender", "message")
    class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIRECTION_UNSPECIFIED: _ClassVar[Exchange.Direction]
        DIRECTION_IN: _ClassVar[Exchange.Direction]
        DIRECTION_OUT: _ClassVar[Exchange.Direction]
    DIRECTION_UNSPECIFIED: Exchange.Direction
    DIRECTION_IN: Exchange.Direction
    DIRECTION_OUT: Exchange.Direction
    class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERDICT_UNSPECIFIED: _ClassVar[Exchange.Verdict]
        VERDICT_ACCEPTED: _ClassVar[Exchange.Verdict]
        VERDICT_DUPLICATE: _ClassVar[Exchange.Verdict]
        VERDICT_ANSWERED: _ClassVar[Exchange.Verdict]
        VERDICT_IGNORED: _ClassVar[Exchange.Verdict]
        VERDICT_SIGNATURE_WRONG: _ClassVar[Exchange.Verdict]
        VERDICT_UNAUTHENTICATED: _ClassVar[Exchange.Verdict]
        VERDICT_REFUSED: _ClassVar[Exchange.Verdict]
        VERDICT_FAILED: _ClassVar[Exchange.Verdict]
    VERDICT_UNSPECIFIED: Exchange.Verdict
    VERDICT_ACCEPTED: Exchange.Verdict
    VERDICT_DUPLICATE: Exchange.Verdict
    VERDICT_ANSWERED: Exchange.Verdict
    VERDICT_IGNORED: Exchange.Verdict
    VERDICT_SIGNATURE_WRONG: Exchange.Verdict
    VERDICT_UNAUTHENTICATED: Exchange.Verdict
    VERDICT_REFUSED: Exchange.Verdict
    VERDICT_FAILED: Exchange.Verdict
    ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    FIRST_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    id: int
    time: _timestamp_pb2.Timestamp
    first_time: _timestamp_pb2.Timestamp
    count: int
    direction: Exchange.Direction
    route: str
    status: int
    duration: _duration_pb2.Duration
    bytes: int
    verdict: Exchange.Verdict
    code: str
    text: str
    sender: str
    message: str
    def __init__(self, id: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count: _Optional[int] = ..., direction: _Optional[_Union[Exchange.Direction, str]] = ..., route: _Optional[str] = ..., status: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., bytes: _Optional[int] = ..., verdict: _Optional[_Union[Exchange.Verdict, str]] = ..., code: _Optional[str] = ..., text: _Optional[str] = ..., sender: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ExchangeCount(_message.Message):
    __slots__ = ("direction", "verdict", "count", "last")
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    direction: Exchange.Direction
    verdict: Exchange.Verdict
    count: int
    last: Exchange
    def __init__(self, direction: _Optional[_Union[Exchange.Direction, str]] = ..., verdict: _Optional[_Union[Exchange.Verdict, str]] = ..., count: _Optional[int] = ..., last: _Optional[_Union[Exchange, _Mapping]] = ...) -> None: ...

class PauseConversationRequest(_message.Message):
    __slots__ = ("channel", "sender", "reason")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    reason: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class PauseConversationResponse(_message.Message):
    __slots__ = ("paused",)
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    paused: bool
    def __init__(self, paused: bool = ...) -> None: ...

class ResumeConversationRequest(_message.Message):
    __slots__ = ("channel", "sender")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ...) -> None: ...

class ResumeConversationResponse(_message.Message):
    __slots__ = ("resumed",)
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    resumed: bool
    def __init__(self, resumed: bool = ...) -> None: ...

class PausedConversation(_message.Message):
    __slots__ = ("channel", "sender", "since", "reason")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    since: _timestamp_pb2.Timestamp
    reason: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class SendRequest(_message.Message):
    __slots__ = ("channel", "sender", "address", "reply", "message_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    channel: str
    sender: str
    address: str
    reply: _channel_pb2.Reply
    message_id: str
    def __init__(self, channel: _Optional[str] = ..., sender: _Optional[str] = ..., address: _Optional[str] = ..., reply: _Optional[_Union[_channel_pb2.Reply, _Mapping]] = ..., message_id: _Optional[str] = ...) -> None: ...

class SendResponse(_message.Message):
    __slots__ = ("message_id", "part_ids", "duplicate")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PART_IDS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    part_ids: _containers.RepeatedScalarFieldContainer[str]
    duplicate: bool
    def __init__(self, message_id: _Optional[str] = ..., part_ids: _Optional[_Iterable[str]] = ..., duplicate: bool = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "started", "draining", "journal", "channels", "orphans", "agent_holds", "revision", "last_reload", "paused", "paused_count", "agents")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    ORPHANS_FIELD_NUMBER: _ClassVar[int]
    AGENT_HOLDS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    LAST_RELOAD_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    PAUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    version: str
    started: _timestamp_pb2.Timestamp
    draining: bool
    journal: JournalStatus
    channels: _containers.RepeatedCompositeFieldContainer[ChannelStatus]
    orphans: _containers.RepeatedCompositeFieldContainer[OrphanStatus]
    agent_holds: _containers.RepeatedCompositeFieldContainer[Hold]
    revision: int
    last_reload: ReloadOutcome
    paused: _containers.RepeatedCompositeFieldContainer[PausedConversation]
    paused_count: int
    agents: _containers.RepeatedCompositeFieldContainer[AgentStatus]
    def __init__(self, version: _Optional[str] = ..., started: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., draining: bool = ..., journal: _Optional[_Union[JournalStatus, _Mapping]] = ..., channels: _Optional[_Iterable[_Union[ChannelStatus, _Mapping]]] = ..., orphans: _Optional[_Iterable[_Union[OrphanStatus, _Mapping]]] = ..., agent_holds: _Optional[_Iterable[_Union[Hold, _Mapping]]] = ..., revision: _Optional[int] = ..., last_reload: _Optional[_Union[ReloadOutcome, _Mapping]] = ..., paused: _Optional[_Iterable[_Union[PausedConversation, _Mapping]]] = ..., paused_count: _Optional[int] = ..., agents: _Optional[_Iterable[_Union[AgentStatus, _Mapping]]] = ...) -> None: ...

class AgentStatus(_message.Message):
    __slots__ = ("name", "type", "breaker", "in_flight", "concurrency")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    breaker: Hold
    in_flight: int
    concurrency: int
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., breaker: _Optional[_Union[Hold, _Mapping]] = ..., in_flight: _Optional[int] = ..., concurrency: _Optional[int] = ...) -> None: ...

class JournalStatus(_message.Message):
    __slots__ = ("writable", "answers", "inbox", "outbox", "dead_letters")
    WRITABLE_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    INBOX_FIELD_NUMBER: _ClassVar[int]
    OUTBOX_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    writable: bool
    answers: bool
    inbox: int
    outbox: int
    dead_letters: int
    def __init__(self, writable: bool = ..., answers: bool = ..., inbox: _Optional[int] = ..., outbox: _Optional[int] = ..., dead_letters: _Optional[int] = ...) -> None: ...

class ChannelStatus(_message.Message):
    __slots__ = ("name", "type", "capabilities", "waiting", "last_error", "holds", "exchanges")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    EXCHANGES_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    waiting: ChannelWaiting
    last_error: LastError
    holds: _containers.RepeatedCompositeFieldContainer[Hold]
    exchanges: _containers.RepeatedCompositeFieldContainer[ExchangeCount]
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., waiting: _Optional[_Union[ChannelWaiting, _Mapping]] = ..., last_error: _Optional[_Union[LastError, _Mapping]] = ..., holds: _Optional[_Iterable[_Union[Hold, _Mapping]]] = ..., exchanges: _Optional[_Iterable[_Union[ExchangeCount, _Mapping]]] = ...) -> None: ...

class ChannelWaiting(_message.Message):
    __slots__ = ("inbox", "outbox")
    INBOX_FIELD_NUMBER: _ClassVar[int]
    OUTBOX_FIELD_NUMBER: _ClassVar[int]
    inbox: int
    outbox: int
    def __init__(self, inbox: _Optional[int] = ..., outbox: _Optional[int] = ...) -> None: ...

class LastError(_message.Message):
    __slots__ = ("code", "message", "time")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OrphanStatus(_message.Message):
    __slots__ = ("name", "waiting")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    name: str
    waiting: ChannelWaiting
    def __init__(self, name: _Optional[str] = ..., waiting: _Optional[_Union[ChannelWaiting, _Mapping]] = ...) -> None: ...

class Hold(_message.Message):
    __slots__ = ("channel", "key", "agent", "state", "since", "until", "reason", "code")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Hold.State]
        STATE_OPEN: _ClassVar[Hold.State]
        STATE_HALF_OPEN: _ClassVar[Hold.State]
        STATE_PAUSED: _ClassVar[Hold.State]
    STATE_UNSPECIFIED: Hold.State
    STATE_OPEN: Hold.State
    STATE_HALF_OPEN: Hold.State
    STATE_PAUSED: Hold.State
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    channel: str
    key: str
    agent: str
    state: Hold.State
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    reason: str
    code: str
    def __init__(self, channel: _Optional[str] = ..., key: _Optional[str] = ..., agent: _Optional[str] = ..., state: _Optional[_Union[Hold.State, str]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ReloadRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReloadResponse(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: ReloadOutcome
    def __init__(self, outcome: _Optional[_Union[ReloadOutcome, _Mapping]] = ...) -> None: ...

class ReloadOutcome(_message.Message):
    __slots__ = ("revision", "time", "error", "channels", "agent", "notes")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    revision: int
    time: _timestamp_pb2.Timestamp
    error: str
    channels: _containers.RepeatedCompositeFieldContainer[ChannelChange]
    agent: ChannelChange.Change
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, revision: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[str] = ..., channels: _Optional[_Iterable[_Union[ChannelChange, _Mapping]]] = ..., agent: _Optional[_Union[ChannelChange.Change, str]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ChannelChange(_message.Message):
    __slots__ = ("name", "type", "change")
    class Change(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CHANGE_UNSPECIFIED: _ClassVar[ChannelChange.Change]
        CHANGE_KEPT: _ClassVar[ChannelChange.Change]
        CHANGE_ADDED: _ClassVar[ChannelChange.Change]
        CHANGE_CHANGED: _ClassVar[ChannelChange.Change]
        CHANGE_REMOVED: _ClassVar[ChannelChange.Change]
    CHANGE_UNSPECIFIED: ChannelChange.Change
    CHANGE_KEPT: ChannelChange.Change
    CHANGE_ADDED: ChannelChange.Change
    CHANGE_CHANGED: ChannelChange.Change
    CHANGE_REMOVED: ChannelChange.Change
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    change: ChannelChange.Change
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., change: _Optional[_Union[ChannelChange.Change, str]] = ...) -> None: ...

class ResumeChannelRequest(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: str
    def __init__(self, channel: _Optional[str] = ...) -> None: ...

class ResumeChannelResponse(_message.Message):
    __slots__ = ("resumed",)
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    resumed: bool
    def __init__(self, resumed: bool = ...) -> None: ...
