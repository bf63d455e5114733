
SELECT body FROM event
WHERE channel = $1 AND sender = $2 AND cursor > $3 AND message_id = $4 AND kind = $5 ORDER BY cursor LIMIT $6;

SELECT number FROM mark WHERE replica = $1 FOR UPDATE;


INSERT INTO conversation (channel, sender, seen)
SELECT channel, sender, $3 FROM unnest($1::bytea[], $2::bytea[]) k (channel, sender) ORDER BY channel, sender
ON CONFLICT (channel, sender) DO UPDATE SET seen = excluded.seen WHERE false;


SELECT c.channel, c.sender, c.address, c.seen,
	c.turn_row, c.turn_token, c.turn_replica, c.turn_seat, c.part_row, c.part_token, c.part_replica,
	EXISTS (SELECT FROM inbox i WHERE i.channel = c.channel AND i.sender = c.sender AND i.row <> c.turn_row),
	EXISTS (SELECT FROM outbox o WHERE o.channel = c.channel AND o.sender = c.sender AND o.row <> c.part_row),
	(SELECT count(*) FROM caller k WHERE k.channel = c.channel AND k.sender = c.sender),
	c.holder, c.holder <> 0 AND EXISTS (SELECT FROM replica r WHERE r.id = c.holder), c.woken
FROM unnest($1::bytea[], $2::bytea[]) k (channel, sender)
JOIN conversation c ON c.channel = k.channel AND c.sender = k.sender
ORDER BY c.channel, c.sender
FOR UPDATE OF c;


UPDATE conversation c SET
	address = u.address, seen = u.seen,
	turn_row = u.turn_row, turn_token = u.turn_token, turn_replica = u.turn_replica, turn_seat = u.turn_seat,
	part_row = u.part_row, part_token = u.part_token, part_replica = u.part_replica,
	turn_due = CASE WHEN k.row IS NULL OR i.position < k.row THEN i.due END, part_due = o.due
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[])
	u (channel, sender, address, seen, turn_row, turn_token, turn_replica, turn_seat, part_row, part_token, part_replica)
LEFT JOIN LATERAL (SELECT position, due FROM inbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) i ON u.turn_row = 0
LEFT JOIN LATERAL (SELECT row FROM caller
	WHERE channel = u.channel AND sender = u.sender ORDER BY row LIMIT 1) k ON u.turn_row = 0
LEFT JOIN LATERAL (SELECT due FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) o ON u.part_row = 0
WHERE c.channel = u.channel AND c.sender = u.sender
RETURNING c.channel, c.sender, c.turn_due, c.part_due, k.row IS NOT NULL AND c.turn_due IS NULL;


SELECT id, kind, part, channel, sender, reason, died, body FROM dead_letter
WHERE id > $1 ORDER BY id LIMIT $2;


SELECT id, kind, part, channel, sender, reason, died, body FROM dead_letter
WHERE channel = $3 AND id > $1 ORDER BY id LIMIT $2;

SELECT id, channel, sender FROM dead_letter WHERE id = ANY($1);

DELETE FROM dead_letter WHERE id = ANY($1) RETURNING part, channel, sender, position, body;


SELECT d.channel, d.sender, d.id, d.expires, d.digest, d.state, d.token, d.replica, d.shown, d.replies, d.after,
	EXISTS (SELECT FROM replica r WHERE r.id = d.replica AND r.until > clock_timestamp())
FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) u (channel, sender, id)
JOIN delivery d ON d.channel = u.channel AND d.sender = u.sender AND d.id = u.id;


INSERT INTO delivery (channel, sender, id, expires, digest, state, token, replica, shown, replies, after)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::text[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
ON CONFLICT (channel, sender, id) DO UPDATE SET expires = excluded.expires, digest = excluded.digest,
	state = excluded.state, token = excluded.token, replica = excluded.replica, shown = excluded.shown,
	replies = excluded.replies, after = excluded.after;


SELECT cursor, kind, channel, sender, message_id, time, body FROM event
WHERE channel = $1 AND sender = $2 AND kind IN ('message', 'reply') ORDER BY cursor DESC LIMIT $3;


SELECT c.event, c.swept, e.cursor, e.kind, e.channel, e.sender, e.message_id, e.time, e.body
FROM counter c LEFT JOIN LATERAL (SELECT cursor, kind, channel, sender, message_id, time, body FROM event WHERE cursor > $1 ORDER BY cursor LIMIT $2) e ON true ORDER BY e.cursor;


SELECT c.event, c.swept, e.cursor, e.kind, e.channel, e.sender, e.message_id, e.time, e.body
FROM counter c LEFT JOIN LATERAL (SELECT cursor, kind, channel, sender, message_id, time, body FROM event WHERE cursor > $1 AND channel = $3 ORDER BY cursor LIMIT $2) e ON true ORDER BY e.cursor;


SELECT c.event, c.swept, e.cursor, e.kind, e.channel, e.sender, e.message_id, e.time, e.body
FROM counter c LEFT JOIN LATERAL (SELECT cursor, kind, channel, sender, message_id, time, body FROM event WHERE cursor > $1 AND channel = $3 AND sender = $4 ORDER BY cursor LIMIT $2) e ON true ORDER BY e.cursor;


SELECT u.row, c.turn_row IS NOT DISTINCT FROM u.row AND c.turn_seat AND c.turn_replica = $4
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) u (row, channel, sender)
LEFT JOIN conversation c ON c.channel = u.channel AND c.sender = u.sender
WHERE CASE WHEN c.turn_row = u.row THEN c.turn_replica = $4 ELSE NOT EXISTS (SELECT FROM caller k WHERE k.row = u.row) END;


SELECT k.channel, k.sender FROM (SELECT DISTINCT channel, sender FROM caller WHERE replica = $1) k
CROSS JOIN LATERAL (SELECT turn_row, turn_due FROM conversation
	WHERE channel = k.channel AND sender = k.sender LIMIT 1) c
WHERE c.turn_row = 0 AND c.turn_due IS NULL;


SELECT count(*) FROM (SELECT FROM inbox WHERE channel = $1 AND sender = $2 LIMIT $3) queued;


WITH r AS (INSERT INTO replica (id, until)
	VALUES (nextval('number'), clock_timestamp() + $1 * interval '1 millisecond') RETURNING id)
INSERT INTO mark (replica, number, at) SELECT id, 0, clock_timestamp() FROM r
RETURNING replica;


UPDATE replica SET until = clock_timestamp() + $2 * interval '1 millisecond' WHERE id = $1;

SELECT count(*) FROM replica WHERE until > clock_timestamp();


INSERT INTO hold AS h (name, replica, token)
SELECT $1, r.id, nextval('number') FROM replica r WHERE r.id = $2 AND r.until > clock_timestamp()
ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, token = excluded.token
WHERE h.replica = excluded.replica
	OR NOT EXISTS (SELECT FROM replica r WHERE r.id = h.replica AND r.until > clock_timestamp())
RETURNING token;

DELETE FROM hold WHERE name = $1 AND token = $2;

SELECT address FROM conversation WHERE channel = $1 AND sender = $2 AND address IS NOT NULL;


UPDATE conversation c SET holder = u.holder, woken = u.woken
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) u (channel, sender, holder, woken)
WHERE c.channel = u.channel AND c.sender = u.sender;


UPDATE outbox o SET due = 0 FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) first
WHERE o.row = first.row;


UPDATE conversation c SET holder = $2
FROM (SELECT channel, sender FROM conversation WHERE holder = ANY($1) AND holder <> 0
	ORDER BY channel, sender LIMIT 100 FOR UPDATE) k
WHERE c.channel = k.channel AND c.sender = k.sender;


SELECT u.channel, u.sender, r.n FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM dead_letter
	WHERE channel = u.channel AND sender = u.sender AND kind = 'refused' LIMIT $3) bounded) r;


INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, 'refused', false, u.channel, u.sender, u.position, $6, $7, u.body
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) u (id, position, channel, sender, body);


UPDATE inbox SET stored = $1 WHERE row = ANY (ARRAY(
	SELECT row FROM inbox WHERE stored > $2 ORDER BY stored LIMIT $3 FOR UPDATE SKIP LOCKED));


UPDATE outbox SET stored = $1 WHERE row = ANY (ARRAY(
	SELECT row FROM outbox WHERE stored > $2 ORDER BY stored LIMIT $3 FOR UPDATE SKIP LOCKED));

SELECT queue, channel, sum(n)::bigint, count(*) FROM tally GROUP BY queue, channel;


WITH old AS (DELETE FROM tally WHERE ctid = ANY (ARRAY(SELECT ctid FROM tally FOR UPDATE SKIP LOCKED))
	RETURNING queue, channel, n)
INSERT INTO tally (queue, channel, n)
SELECT queue, channel, sum(n) FROM old GROUP BY queue, channel HAVING sum(n) <> 0;


DELETE FROM event WHERE cursor = ANY (ARRAY(
	SELECT cursor FROM (SELECT cursor, time FROM event ORDER BY cursor LIMIT $2 FOR UPDATE SKIP LOCKED) oldest
	WHERE time < $1))
RETURNING cursor;


DELETE FROM mark m WHERE at < clock_timestamp() - interval '1 day'
	AND NOT EXISTS (SELECT FROM replica r WHERE r.id = m.replica);

UPDATE counter SET swept = greatest(swept, $1);


DELETE FROM delivery WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM delivery d WHERE expires <= $1 AND (state <> 'running'
		OR NOT EXISTS (SELECT FROM replica r WHERE r.id = d.replica AND r.until > clock_timestamp()))
	ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED));


UPDATE conversation SET address = NULL WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM conversation WHERE address IS NOT NULL AND seen < $1
	ORDER BY seen LIMIT $2 FOR UPDATE SKIP LOCKED));


DELETE FROM dead_letter WHERE id = ANY (ARRAY(
	SELECT id FROM dead_letter WHERE died < $1 ORDER BY died LIMIT $2 FOR UPDATE SKIP LOCKED));


SELECT channel, sender FROM conversation c
WHERE address IS NULL AND seen < $1 AND turn_row = 0 AND part_row = 0 AND turn_due IS NULL AND part_due IS NULL
	AND NOT EXISTS (SELECT FROM replica r WHERE r.id = c.holder)
ORDER BY seen LIMIT $2 FOR UPDATE SKIP LOCKED;


DELETE FROM conversation c USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE c.channel = u.channel AND c.sender = u.sender
	AND NOT EXISTS (SELECT FROM caller k WHERE k.channel = c.channel AND k.sender = c.sender);

SELECT id FROM replica WHERE until < clock_timestamp() AND id <> $1;


(SELECT channel, sender FROM conversation WHERE turn_replica = $1 AND turn_replica <> 0 LIMIT $2)
UNION (SELECT channel, sender FROM conversation WHERE part_replica = $1 AND part_replica <> 0 LIMIT $2)
UNION (SELECT channel, sender FROM caller WHERE replica = $1 LIMIT $2);


DELETE FROM caller k USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE k.channel = u.channel AND k.sender = u.sender AND k.replica = $3;

SELECT FROM replica WHERE id = $1 AND (until < clock_timestamp() OR $2) FOR UPDATE;


DELETE FROM replica r WHERE id = $1
	AND NOT EXISTS (SELECT FROM conversation WHERE turn_replica = r.id AND turn_replica <> 0)
	AND NOT EXISTS (SELECT FROM conversation WHERE part_replica = r.id AND part_replica <> 0)
	AND NOT EXISTS (SELECT FROM caller WHERE replica = r.id);

DELETE FROM hold WHERE replica = $1;

SELECT id FROM replica WHERE id = $1 FOR KEY SHARE;

UPDATE mark SET number = number + 1, at = clock_timestamp() WHERE replica = $1 RETURNING number;

SELECT nextval('number') FROM generate_series(1, $1);

SELECT event FROM counter;


INSERT INTO setting AS s (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = s.value RETURNING value;


WITH c AS (UPDATE counter SET event = event + $1 RETURNING event - $1 AS last), e AS (
	INSERT INTO event (cursor, kind, channel, sender, message_id, time, body)
	SELECT c.last + u.n, u.kind, u.channel, u.sender, u.message_id, u.time, u.body
	FROM c, unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bytea[])
		WITH ORDINALITY u (kind, channel, sender, message_id, time, body, n)
)
SELECT last FROM c;


SELECT u.channel, u.sender, k.row, k.replica FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, replica FROM caller
	WHERE channel = u.channel AND sender = u.sender ORDER BY row LIMIT 1) k;


INSERT INTO caller (row, channel, sender, replica)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[]);

DELETE FROM caller WHERE row = ANY($1);

DELETE FROM inbox WHERE channel = $1 AND sender = $2;

DELETE FROM outbox WHERE channel = $1 AND sender = $2;

DELETE FROM dead_letter WHERE channel = $1 AND sender = $2;

DELETE FROM event WHERE channel = $1 AND sender = $2;


INSERT INTO inbox (row, channel, sender, position, due, stored, attempts, body, shown)
SELECT u.row, u.channel, u.sender, u.position, u.due, u.stored, u.attempts, u.body, u.shown
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::bytea[], $9::bigint[])
	u (row, channel, sender, position, due, stored, attempts, body, shown);


UPDATE inbox t SET due = coalesce(u.due, t.due),
	postponed = CASE WHEN u.due IS NULL THEN t.postponed ELSE $6 END, attempts = t.attempts + u.attempts, shown = t.shown + u.shown, deferred = t.deferred + u.deferred
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::bigint[]) u (row, due, attempts, shown, deferred)
WHERE t.row = u.row;


INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, u.kind, false, t.channel, t.sender, t.position, $5, u.reason, t.body
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[]) u (id, row, kind, reason)
JOIN inbox t ON t.row = u.row;

DELETE FROM inbox WHERE row = ANY($1);


SELECT u.channel, u.sender, t.row, t.position, t.due, t.stored, t.attempts, t.shown, t.deferred, t.postponed, t.body
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, position, due, stored, attempts, shown, deferred, postponed, body FROM inbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) t;


SELECT t.channel, t.sender, t.row, ''::bytea FROM inbox t WHERE stored < $1
	AND NOT EXISTS (SELECT FROM conversation c WHERE c.channel = t.channel AND c.sender = t.sender AND c.turn_row = t.row)
ORDER BY stored, row LIMIT $2;


SELECT channel, sender, row, body FROM inbox WHERE row = ANY($1) ORDER BY channel, sender, position;


SELECT c.channel, c.sender
FROM (SELECT DISTINCT channel FROM conversation WHERE turn_due IS NOT NULL) waits
CROSS JOIN LATERAL (SELECT l.channel, l.sender FROM conversation l
	CROSS JOIN LATERAL (SELECT postponed FROM inbox
		WHERE channel = l.channel AND sender = l.sender ORDER BY position LIMIT 1) r
	WHERE l.channel = waits.channel AND l.turn_due > $1
		AND (r.postponed > $2 OR r.postponed = 0 AND l.turn_due > $3) LIMIT $4) c
LIMIT $4;


SELECT c.channel, c.sender, c.turn_due, coalesce(r.postponed, 0)
FROM (SELECT channel FROM unnest($1::bytea[]) channel
	UNION ALL SELECT DISTINCT channel FROM conversation WHERE $1::bytea[] IS NULL AND turn_due IS NOT NULL) open
CROSS JOIN LATERAL (SELECT channel, sender, turn_due FROM conversation l
	WHERE channel = open.channel AND turn_due IS NOT NULL ORDER BY turn_due LIMIT $2) c
LEFT JOIN LATERAL (SELECT postponed FROM inbox
	WHERE channel = c.channel AND sender = c.sender ORDER BY position LIMIT 1) r ON c.turn_due > $3;


INSERT INTO outbox (row, channel, sender, position, due, stored, attempts, body)
SELECT u.row, u.channel, u.sender, u.position, u.due, u.stored, u.attempts, u.body
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::bytea[], $9::bigint[])
	u (row, channel, sender, position, due, stored, attempts, body, shown);


UPDATE outbox t SET due = coalesce(u.due, t.due),
	postponed = CASE WHEN u.due IS NULL THEN t.postponed ELSE $6 END, attempts = t.attempts + u.attempts
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::bigint[]) u (row, due, attempts, shown, deferred)
WHERE t.row = u.row;


INSERT INTO dead_letter (id, kind, part, channel, sender, position, died, reason, body)
SELECT u.id, u.kind, true, t.channel, t.sender, t.position, $5, u.reason, t.body
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[]) u (id, row, kind, reason)
JOIN outbox t ON t.row = u.row;

DELETE FROM outbox WHERE row = ANY($1);


SELECT u.channel, u.sender, t.row, t.position, t.due, t.stored, t.attempts, t.shown, t.deferred, t.postponed, t.body
FROM unnest($1::bytea[], $2::bytea[]) u (channel, sender)
CROSS JOIN LATERAL (SELECT row, position, due, stored, attempts, 0::bigint AS shown, 0::bigint AS deferred, postponed, body FROM outbox
	WHERE channel = u.channel AND sender = u.sender ORDER BY position LIMIT 1) t;


SELECT t.channel, t.sender, t.row, ''::bytea FROM outbox t WHERE stored < $1
	AND NOT EXISTS (SELECT FROM conversation c WHERE c.channel = t.channel AND c.sender = t.sender AND c.part_row = t.row)
ORDER BY stored, row LIMIT $2;


SELECT channel, sender, row, body FROM outbox WHERE row = ANY($1) ORDER BY channel, sender, position;


SELECT c.channel, c.sender
FROM (SELECT DISTINCT channel FROM conversation WHERE part_due IS NOT NULL) waits
CROSS JOIN LATERAL (SELECT l.channel, l.sender FROM conversation l
	CROSS JOIN LATERAL (SELECT postponed FROM outbox
		WHERE channel = l.channel AND sender = l.sender ORDER BY position LIMIT 1) r
	WHERE l.channel = waits.channel AND l.part_due > $1
		AND (r.postponed > $2 OR r.postponed = 0 AND l.part_due > $3) LIMIT $4) c
LIMIT $4;


SELECT c.channel, c.sender, c.part_due, coalesce(r.postponed, 0)
FROM (SELECT channel FROM unnest($1::bytea[]) channel
	UNION ALL SELECT DISTINCT channel FROM conversation WHERE $1::bytea[] IS NULL AND part_due IS NOT NULL) open
CROSS JOIN LATERAL (SELECT channel, sender, part_due FROM conversation l
	WHERE channel = open.channel AND part_due IS NOT NULL
		AND (l.holder IN (0, $4) OR NOT EXISTS (SELECT FROM replica r WHERE r.id = l.holder)) ORDER BY part_due LIMIT $2) c
LEFT JOIN LATERAL (SELECT postponed FROM outbox
	WHERE channel = c.channel AND sender = c.sender ORDER BY position LIMIT 1) r ON c.part_due > $3;
