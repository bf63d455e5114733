INSERT INTO delivery (channel, sender, id, expires, digest) VALUES (?1, ?2, ?3, ?4, ?6) ON CONFLICT DO UPDATE SET expires = ?4, digest = ?6, state = NULL, token = NULL, shown = 0, replies = 0, event = NULL WHERE expires <= ?5 AND state IS NOT 'running'
DELETE FROM delivery WHERE (channel, sender, id) IN (SELECT channel, sender, id FROM delivery WHERE expires <= ? AND state IS NOT 'running' LIMIT ?)
INSERT INTO delivery (channel, sender, id, expires, digest, state, token, event) VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7) ON CONFLICT DO UPDATE SET expires = ?4, digest = ?5, state = 'running', token = ?6, shown = 0, replies = 0, event = ?7
UPDATE delivery SET shown = shown + ?, replies = replies + ?, state = coalesce(?, state) WHERE channel = ? AND sender = ? AND id = ? AND token = ? AND state = 'running'
SELECT digest, coalesce(state, ''), replies, event FROM delivery WHERE channel = ? AND sender = ? AND id = ? AND (expires > ? OR state = 'running')
SELECT body FROM event WHERE channel = ? AND sender = ? AND cursor >= ? AND message_id = ? AND kind = 'reply' ORDER BY cursor LIMIT ?
INSERT INTO inbox (channel, sender, attempts, begun, stored, body) VALUES (?1, ?2, ?3, ?3, ?4, ?5)
INSERT INTO inbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)
UPDATE inbox SET attempts = attempts + 1, begun = begun + 1 WHERE id = ? RETURNING attempts, begun, shown, body
UPDATE inbox SET shown = shown + 1 WHERE id = ?
UPDATE inbox SET due = ?, postponed = ?, attempts = attempts - ? WHERE id = ?
INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body) SELECT ?, coalesce(position, id), channel, sender, ?, ?, body FROM inbox WHERE id = ?
INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw) SELECT ?, coalesce(position, id), channel, sender, ?, ?, json_object('channel', channel, 'sender', sender), body FROM inbox WHERE id = ?
DELETE FROM inbox WHERE id = ?
SELECT body FROM inbox WHERE id = ?
INSERT INTO outbox (channel, sender, stored, body) VALUES (?, ?, ?, ?)
INSERT INTO outbox (channel, sender, position, stored, body) VALUES (?, ?, ?, ?, ?)
UPDATE outbox SET due = ?, postponed = ?, attempts = attempts + ? WHERE id = ?
INSERT INTO dead_letter (kind, position, channel, sender, reason, died, expired, body) SELECT ?, coalesce(position, id), channel, sender, ?, ?, ?, body FROM outbox WHERE id = ?
INSERT INTO dead_letter (kind, position, channel, sender, reason, died, body, raw) SELECT ?, coalesce(position, id), channel, sender, ?, ?, json_object('channel', channel, 'sender', sender), body FROM outbox WHERE id = ?
DELETE FROM outbox WHERE id = ?
SELECT body FROM outbox WHERE id = ?
DELETE FROM dead_letter WHERE id = ? RETURNING kind, position, channel, sender, coalesce(raw, body)
DELETE FROM dead_letter WHERE channel = ? AND sender = ?
SELECT count(*) FROM (SELECT 1 FROM dead_letter WHERE channel = ? AND sender = ? AND kind = 'refused' LIMIT ?)
DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE died < ? ORDER BY died LIMIT ?)
INSERT INTO event (cursor, channel, sender, kind, message_id, time, further, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
SELECT cursor, channel, sender, kind, time FROM event ORDER BY cursor LIMIT ?
DELETE FROM event WHERE cursor <= ?
UPDATE store SET swept = ?
DELETE FROM event WHERE channel = ? AND sender = ?
INSERT INTO conversation (channel, sender, address, seen) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET address = ?3, seen = ?4 WHERE address <> ?3 OR seen < ?4 - 86400000000
DELETE FROM conversation WHERE channel = ?1 AND sender = ?2 AND NOT EXISTS (SELECT 1 FROM event WHERE channel = ?1 AND sender = ?2 AND cursor > ?3 AND kind = 'message')
DELETE FROM conversation WHERE channel = ? AND sender = ?
SELECT attempts, body FROM outbox WHERE id = ?
SELECT id, kind, channel, sender, reason, died, coalesce(raw, body), expired FROM dead_letter WHERE id > ? ORDER BY id LIMIT ?
SELECT id, kind, channel, sender, reason, died, coalesce(raw, body), expired FROM dead_letter WHERE channel = ? AND id > ? ORDER BY id LIMIT ?
SELECT id, channel, sender FROM dead_letter WHERE id IN (SELECT value FROM json_each(?))
SELECT address FROM conversation WHERE channel = ? AND sender = ?
SELECT cursor, kind, channel, sender, message_id, time, further, body FROM event WHERE channel = ? AND sender = ? AND kind IN ('message', 'reply') ORDER BY cursor DESC LIMIT ?
SELECT swept, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) FROM store
SELECT cursor, kind, channel, sender, message_id, time, further, body FROM event WHERE cursor > ? ORDER BY cursor LIMIT ?
SELECT cursor, kind, channel, sender, message_id, time, further, body FROM event WHERE channel = ? AND cursor > ? ORDER BY cursor LIMIT ?
SELECT cursor, kind, channel, sender, message_id, time, further, body FROM event WHERE channel = ? AND sender = ? AND cursor > ? ORDER BY cursor LIMIT ?
UPDATE delivery SET state = CASE WHEN shown > 0 THEN 'interrupted' ELSE 'failed' END WHERE state = 'running'
UPDATE store SET openings = openings + 1 RETURNING openings, (SELECT count(*) FROM dead_letter), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)
SELECT count(*) FROM dead_letter
SELECT id, coalesce(position, id), channel, sender, due, postponed, stored FROM inbox ORDER BY 2
SELECT channel, count(*) FROM inbox GROUP BY channel
SELECT id, coalesce(position, id), channel, sender, due, postponed, stored FROM outbox ORDER BY 2
SELECT channel, count(*) FROM outbox GROUP BY channel
