-- A journal that the commit bbdb7e1 wrote, the last that knew four migrations and no live
-- parts, by pg_dump: of web/ann a message waits and one is a dead letter, the part a2 was tried
-- once and is due again, a3 waits behind it, and a1 is a dead letter; the reader of web/dora was
-- connected; a setting.

CREATE FUNCTION public.tally_added() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO '$user', 'public'
    AS $$
BEGIN
	INSERT INTO tally (queue, channel, n) SELECT TG_TABLE_NAME, channel, count(*) FROM added GROUP BY channel;
	RETURN NULL;
END $$;

CREATE FUNCTION public.tally_removed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO '$user', 'public'
    AS $$
BEGIN
	INSERT INTO tally (queue, channel, n) SELECT TG_TABLE_NAME, channel, -count(*) FROM removed GROUP BY channel;
	RETURN NULL;
END $$;

CREATE TABLE public.caller (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    replica bigint NOT NULL
);

CREATE TABLE public.conversation (
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

CREATE TABLE public.counter (
    event bigint NOT NULL,
    swept bigint NOT NULL
)
WITH (fillfactor='10');

CREATE TABLE public.dead_letter (
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

CREATE TABLE public.delivery (
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

CREATE TABLE public.event (
    cursor bigint NOT NULL,
    kind text NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    message_id bytea NOT NULL,
    "time" bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE public.hold (
    name bytea NOT NULL,
    replica bigint NOT NULL,
    token bigint NOT NULL
);

CREATE TABLE public.inbox (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    "position" bigint NOT NULL,
    due bigint NOT NULL,
    stored bigint NOT NULL,
    attempts bigint NOT NULL,
    shown bigint NOT NULL,
    body bytea NOT NULL,
    deferred bigint DEFAULT 0 NOT NULL,
    postponed bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.mark (
    replica bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL
)
WITH (fillfactor='10');

CREATE SEQUENCE public.number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.outbox (
    "row" bigint NOT NULL,
    channel bytea NOT NULL,
    sender bytea NOT NULL,
    "position" bigint NOT NULL,
    due bigint NOT NULL,
    stored bigint NOT NULL,
    attempts bigint NOT NULL,
    body bytea NOT NULL,
    postponed bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.replica (
    id bigint NOT NULL,
    until timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.schema_version (
    major bigint NOT NULL,
    minor bigint NOT NULL
);

CREATE TABLE public.setting (
    key text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.tally (
    queue text NOT NULL,
    channel bytea NOT NULL,
    n bigint NOT NULL
)
WITH (autovacuum_vacuum_threshold='5000', autovacuum_vacuum_scale_factor='0');

INSERT INTO public.conversation VALUES ('\x776562', '\x616e6e', '\x4331', 1795852800000000, 0, 0, 0, false, 0, 0, 0, 0, 1795868236831671, 0, 0);
INSERT INTO public.conversation VALUES ('\x776562', '\x646f7261', NULL, 1795868176832803, 0, 0, 0, false, NULL, 0, 0, 0, NULL, 1, 0);

INSERT INTO public.counter VALUES (2, 0);

INSERT INTO public.dead_letter VALUES (17, 'failed', false, '\x776562', '\x616e6e', 3, 1795868176819412, '\x62656361757365', '\x7b2273656e646572223a22616e6e222c226d657373616765223a22746578742032222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2232222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d');
INSERT INTO public.dead_letter VALUES (19, 'undelivered', true, '\x776562', '\x616e6e', 9, 1795868176828762, '\x676f6e65', '\x7b226964223a226131222c226368616e6e656c223a22776562222c2273656e646572223a22616e6e222c2261646472657373223a224331222c227265706c79223a7b2274657874223a22616e73776572206131227d7d');

INSERT INTO public.delivery VALUES ('\x776562', '\x616e6e', '\x31', 1796040976786163, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO public.delivery VALUES ('\x776562', '\x616e6e', '\x32', 1796040976786163, NULL, '', 0, 0, 0, 0, 0);
INSERT INTO public.delivery VALUES ('\x776562', '\x616e6e', '\x33', 1796040976786163, NULL, '', 0, 0, 0, 0, 0);

INSERT INTO public.event VALUES (1, 'message', '\x776562', '\x616e6e', '\x31', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22616e6e222c226d657373616765223a22746578742031222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2231222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');
INSERT INTO public.event VALUES (2, 'message', '\x776562', '\x616e6e', '\x32', 1795852800000000, '\x7b226d657373616765223a7b2273656e646572223a22616e6e222c226d657373616765223a22746578742032222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2232222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d7d');

INSERT INTO public.inbox VALUES (4, '\x776562', '\x616e6e', 4, 0, 1795868176786163, 0, 0, '\x7b2273656e646572223a22616e6e222c226d657373616765223a22746578742033222c22696e7075745f6368616e6e656c223a22222c226d6573736167655f6964223a2233222c226368616e6e656c223a22776562222c2261646472657373223a224331222c227265636569766564223a22323032362d31312d32385430383a30303a30305a227d', 0, 0);

INSERT INTO public.mark VALUES (1, 10, '2026-11-28 12:16:16.832944+00');

INSERT INTO public.outbox VALUES (11, '\x776562', '\x616e6e', 11, 0, 1795868176797911, 0, '\x7b226964223a226133222c226368616e6e656c223a22776562222c2273656e646572223a22616e6e222c2261646472657373223a224331222c227265706c79223a7b2274657874223a22616e73776572206133227d7d', 0);
INSERT INTO public.outbox VALUES (10, '\x776562', '\x616e6e', 10, 1795868236831671, 1795868176797911, 1, '\x7b226964223a226132222c226368616e6e656c223a22776562222c2273656e646572223a22616e6e222c2261646472657373223a224331222c227265706c79223a7b2274657874223a22616e73776572206132227d7d', 1795868176831680);

INSERT INTO public.schema_version VALUES (1, 4);

INSERT INTO public.setting VALUES ('token', 'secret');

INSERT INTO public.tally VALUES ('inbox', '\x776562', 3);
INSERT INTO public.tally VALUES ('inbox', '\x776562', -1);
INSERT INTO public.tally VALUES ('outbox', '\x776562', 3);
INSERT INTO public.tally VALUES ('dead_letter', '\x776562', 1);
INSERT INTO public.tally VALUES ('inbox', '\x776562', -1);
INSERT INTO public.tally VALUES ('dead_letter', '\x776562', 1);
INSERT INTO public.tally VALUES ('outbox', '\x776562', -1);

SELECT pg_catalog.setval('public.number', 23, true);

ALTER TABLE ONLY public.caller
    ADD CONSTRAINT caller_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (channel, sender);

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (channel, sender, id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (cursor);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY public.mark
    ADD CONSTRAINT mark_pkey PRIMARY KEY (replica);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY ("row");

ALTER TABLE ONLY public.replica
    ADD CONSTRAINT replica_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (key);

CREATE INDEX caller_line ON public.caller USING btree (channel, sender, "row");

CREATE INDEX caller_replica ON public.caller USING btree (replica);

CREATE INDEX conversation_holder ON public.conversation USING btree (holder) WHERE (holder <> 0);

CREATE INDEX conversation_part_due ON public.conversation USING btree (channel, part_due) WHERE (part_due IS NOT NULL);

CREATE INDEX conversation_part_replica ON public.conversation USING btree (part_replica) WHERE (part_replica <> 0);

CREATE INDEX conversation_seen ON public.conversation USING btree (seen);

CREATE INDEX conversation_turn_due ON public.conversation USING btree (channel, turn_due) WHERE (turn_due IS NOT NULL);

CREATE INDEX conversation_turn_replica ON public.conversation USING btree (turn_replica) WHERE (turn_replica <> 0);

CREATE INDEX dead_letter_channel ON public.dead_letter USING btree (channel, id);

CREATE INDEX dead_letter_conversation ON public.dead_letter USING btree (channel, sender);

CREATE INDEX dead_letter_died ON public.dead_letter USING btree (died);

CREATE INDEX dead_letter_refused ON public.dead_letter USING btree (channel, sender) WHERE (kind = 'refused'::text);

CREATE INDEX delivery_expires ON public.delivery USING btree (expires);

CREATE INDEX event_channel ON public.event USING btree (channel, cursor);

CREATE INDEX event_conversation ON public.event USING btree (channel, sender, cursor);

CREATE UNIQUE INDEX inbox_line ON public.inbox USING btree (channel, sender, "position");

CREATE INDEX inbox_stored ON public.inbox USING btree (stored, "row");

CREATE UNIQUE INDEX outbox_line ON public.outbox USING btree (channel, sender, "position");

CREATE INDEX outbox_stored ON public.outbox USING btree (stored, "row");

CREATE TRIGGER tally_added AFTER INSERT ON public.dead_letter REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.tally_added();

CREATE TRIGGER tally_added AFTER INSERT ON public.inbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.tally_added();

CREATE TRIGGER tally_added AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.tally_added();

CREATE TRIGGER tally_removed AFTER DELETE ON public.dead_letter REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION public.tally_removed();

CREATE TRIGGER tally_removed AFTER DELETE ON public.inbox REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION public.tally_removed();

CREATE TRIGGER tally_removed AFTER DELETE ON public.outbox REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION public.tally_removed();
