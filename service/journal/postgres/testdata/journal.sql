-- A journal that the commit c806cc3 wrote, by pg_dump: a message and a part
-- of web/ann wait, one is a dead letter; a message of phone/bob, and a part of web/carol,
-- wait, one is a dead letter; web/dora asked and was answered.

CREATE TABLE caller (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    replica bigint NOT NULL
);

CREATE TABLE conversation (
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    address bytea,
    seen bigint NOT NULL,
    turn_row bigint DEFAULT 0 NOT NULL,
    turn_token bigint DEFAULT 0 NOT NULL,
    turn_replica bigint DEFAULT 0 NOT NULL,
    turn_seat boolean DEFAULT false NOT NULL,
    turn_due bigint,
    part_row bigint DEFAULT 0 NOT NULL,
    part_token bigint DEFAULT 0 NOT NULL,
    part_replica bigint DEFAULT 0 NOT NULL,
    part_due bigint,
    holder bigint DEFAULT 0 NOT NULL,
    woken bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE counter (
    event bigint NOT NULL,
    swept bigint NOT NULL
)
WITH (fillfactor='10');

CREATE TABLE dead_letter (
    id bigint NOT NULL,
    kind text NOT NULL,
    part boolean NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    "position" bigint NOT NULL,
    died bigint NOT NULL,
    reason bytea NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE delivery (
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    id bytea NOT NULL,
    expires bigint NOT NULL,
    digest bytea,
    state text NOT NULL,
    token bigint NOT NULL,
    replica bigint NOT NULL,
    shown bigint NOT NULL,
    replies bigint NOT NULL,
    after bigint NOT NULL
);

CREATE TABLE event (
    cursor bigint NOT NULL,
    kind text NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    message_id bytea NOT NULL,
    "time" bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE hold (
    name bytea NOT NULL,
    replica bigint NOT NULL,
    token bigint NOT NULL
);

CREATE TABLE inbox (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    "position" bigint NOT NULL,
    due bigint NOT NULL,
    stored bigint NOT NULL,
    attempts bigint NOT NULL,
    shown bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE mark (
    replica bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL
)
WITH (fillfactor='10');

CREATE SEQUENCE number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE outbox (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    "position" bigint NOT NULL,
    due bigint NOT NULL,
    stored bigint NOT NULL,
    attempts bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE replica (
    id bigint NOT NULL,
    until timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE schema_version (
    major bigint NOT NULL,
    minor bigint NOT NULL
);

INSERT INTO conversation VALUES ('\x70686f6e65', '\x626f62', NULL, 1795860271988455, 0, 0, 0, false, 0, 0, 0, 0, NULL, 0, 0);
INSERT INTO conversation VALUES ('\x776562', '\x616e6e', '\x4331', 1795852800000000, 0, 0, 0, false, 1795852860000000, 0, 0, 0, 0, 0, 0);
INSERT INTO conversation VALUES ('\x776562', '\x6361726f6c', NULL, 1795860271996456, 0, 0, 0, false, NULL, 0, 0, 0, 0, 0, 0);
INSERT INTO conversation VALUES ('\x776562', '\x646f7261', '\x4331', 1795852800000000, 0, 0, 0, false, NULL, 0, 0, 0, NULL, 1, 0);

INSERT INTO counter VALUES (6, 0);

INSERT INTO dead_letter VALUES (15, 'failed', false, '\x776562', '\x616e6e', 3, 1795860271956555, '\x62656361757365', '\x7b2273656e646572223a22616e6e222c226d657373616765223a22746578742032222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2232222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d');
INSERT INTO dead_letter VALUES (27, 'undelivered', true, '\x776562', '\x6361726f6c', 20, 1795860272065037, '\x676f6e65', '\x7b226964223a226331222c226368616e6e656c223a22776562222c2273656e646572223a226361726f6c222c227265706c79223a7b2274657874223a22616e737765722031227d7d');

INSERT INTO delivery VALUES ('\x776562', '\x616e6e', '\x32', 1796033071758359, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO delivery VALUES ('\x776562', '\x616e6e', '\x33', 1796033071758359, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO delivery VALUES ('\x776562', '\x616e6e', '\x31', 1796033071758359, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO delivery VALUES ('\x70686f6e65', '\x626f62', '\x34', 1796033071988455, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO delivery VALUES ('\x776562', '\x6361726f6c', '\x70', 1796033071996456, '\x646967657374', '', 0, 0, 0, 0, 0);
INSERT INTO delivery VALUES ('\x776562', '\x646f7261', '\x35', 1796033072117981, '\x646967657374', 'done', 29, 1, 1, 1, 4);

INSERT INTO event VALUES (1, 'message', '\x776562', '\x616e6e', '\x31', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22616e6e222c226d657373616765223a22746578742031222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2231222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');
INSERT INTO event VALUES (2, 'reply', '\x776562', '\x616e6e', '\x31', 1795852800000000, '\x7b227265706c696573223a5b7b227265706c79223a7b2274657874223a22616e737765722031227d7d5d7d');
INSERT INTO event VALUES (3, 'message', '\x776562', '\x616e6e', '\x32', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22616e6e222c226d657373616765223a22746578742032222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2232222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');
INSERT INTO event VALUES (4, 'message', '\x776562', '\x616e6e', '\x33', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22616e6e222c226d657373616765223a22746578742033222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2233222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');
INSERT INTO event VALUES (5, 'message', '\x776562', '\x646f7261', '\x35', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22646f7261222c226d657373616765223a22746578742035222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2235222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');
INSERT INTO event VALUES (6, 'reply', '\x776562', '\x646f7261', '\x35', 1795852800000000, '\x7b227265706c696573223a5b7b227265706c79223a7b2274657874223a22616e737765722031227d7d5d7d');

INSERT INTO inbox VALUES (4, '\x776562', '\x616e6e', 4, 1795852860000000, 1795860271758359, 1, 0, '\x7b2273656e646572223a22616e6e222c226d657373616765223a22746578742033222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2233222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d');
INSERT INTO inbox VALUES (18, '\x70686f6e65', '\x626f62', 18, 0, 1795860271988455, 0, 0, '\x7b2273656e646572223a22626f62222c226d657373616765223a22746578742034222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2234222c226368616e6e656c223a2270686f6e65222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d');

INSERT INTO mark VALUES (1, 17, '2026-11-28 10:04:32.138271+00');

INSERT INTO outbox VALUES (10, '\x776562', '\x616e6e', 10, 0, 1795860271828300, 0, '\x7b226964223a226132222c226368616e6e656c223a22776562222c2273656e646572223a22616e6e222c2261646472657373223a224331222c227265706c79223a7b2274657874223a22616e737765722031227d7d');
INSERT INTO outbox VALUES (21, '\x776562', '\x6361726f6c', 21, 0, 1795860271996456, 0, '\x7b226964223a226332222c226368616e6e656c223a22776562222c2273656e646572223a226361726f6c222c227265706c79223a7b2274657874223a22616e737765722031227d7d');

INSERT INTO schema_version VALUES (1, 2);

SELECT pg_catalog.setval('number', 31, true);

ALTER TABLE ONLY caller
    ADD CONSTRAINT caller_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (channel, sender);

ALTER TABLE ONLY dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (channel, sender, id);

ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (cursor);

ALTER TABLE ONLY hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (name);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY mark
    ADD CONSTRAINT mark_pkey PRIMARY KEY (replica);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY replica
    ADD CONSTRAINT replica_pkey PRIMARY KEY (id);

CREATE INDEX caller_line ON caller USING btree (channel, sender, "row");

CREATE INDEX caller_replica ON caller USING btree (replica);

CREATE INDEX conversation_holder ON conversation USING btree (holder) WHERE (holder <> 0);

CREATE INDEX conversation_part_due ON conversation USING btree (channel, part_due) WHERE (part_due IS NOT NULL);

CREATE INDEX conversation_part_replica ON conversation USING btree (part_replica) WHERE (part_replica <> 0);

CREATE INDEX conversation_seen ON conversation USING btree (seen);

CREATE INDEX conversation_turn_due ON conversation USING btree (channel, turn_due) WHERE (turn_due IS NOT NULL);

CREATE INDEX conversation_turn_replica ON conversation USING btree (turn_replica) WHERE (turn_replica <> 0);

CREATE INDEX dead_letter_channel ON dead_letter USING btree (channel, id);

CREATE INDEX dead_letter_conversation ON dead_letter USING btree (channel, sender);

CREATE INDEX delivery_expires ON delivery USING btree (expires);

CREATE INDEX event_channel ON event USING btree (channel, cursor);

CREATE INDEX event_conversation ON event USING btree (channel, sender, cursor);

CREATE UNIQUE INDEX inbox_line ON inbox USING btree (channel, sender, "position");

CREATE UNIQUE INDEX outbox_line ON outbox USING btree (channel, sender, "position");
