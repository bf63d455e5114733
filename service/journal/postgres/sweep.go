package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/service/journal"
)

// Sweep deletes, the oldest first:
//
//   - keys whose window has passed, but not of a turn that runs;
//   - addresses that are older than events are kept, and conversations of which then
//     nothing is left;
//   - commit markers of replicas that are gone, a day after their last commit: nobody waits
//     that long for an outcome;
//   - dead letters that are older than they are kept;
//   - choices that are older than they are kept;
//   - aliases that were not named for long;
//   - events that are older than they are kept;
//   - media whose messages are gone, or whose time is over.
//
// And it makes dead letters of what has waited for too long: see sweepStale.
//
// Rows are chosen with SKIP LOCKED, so that several replicas may sweep at once, and each
// takes others.

const (
	// sweepEvents looks at the oldest events only, whatever the time of later ones.
	sweepEvents = `
DELETE FROM event WHERE cursor = ANY (ARRAY(
	SELECT cursor FROM (SELECT cursor, time FROM event ORDER BY cursor LIMIT $2 FOR UPDATE SKIP LOCKED) oldest
	WHERE time < $1))
RETURNING cursor`
	// sweepMarkers keeps the commit markers of replicas that may still ask.
	sweepMarkers = `
DELETE FROM mark m WHERE at < clock_timestamp() - interval '1 day'
	AND NOT EXISTS (SELECT FROM replica r WHERE r.id = m.replica)`
	raiseFloor = `UPDATE counter SET swept = greatest(swept, $1)`
	sweepKeys  = `
DELETE FROM delivery WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM delivery d WHERE expires <= $1 AND (state <> 'running'
		OR NOT EXISTS (SELECT FROM replica r WHERE r.id = d.replica AND r.until > clock_timestamp()))
	ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED))`
	sweepAddresses = `
UPDATE conversation SET address = NULL WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM conversation WHERE address IS NOT NULL AND seen < $1
	ORDER BY seen LIMIT $2 FOR UPDATE SKIP LOCKED))`

	sweepDeadLetters = `
DELETE FROM dead_letter WHERE id = ANY (ARRAY(
	SELECT id FROM dead_letter WHERE died < $1 ORDER BY died LIMIT $2 FOR UPDATE SKIP LOCKED))`

	// Idle conversations are locked first and then read again while they are deleted: one
	// may have got a waiter until it was locked.
	lockIdle = `
SELECT channel, sender FROM conversation c
WHERE address IS NULL AND seen < $1 AND turn_row = 0 AND part_row = 0 AND turn_due IS NULL AND part_due IS NULL
	AND NOT EXISTS (SELECT FROM replica r WHERE r.id = c.holder)
ORDER BY seen LIMIT $2 FOR UPDATE SKIP LOCKED`
	sweepIdle = `
DELETE FROM conversation c USING unnest($1::bytea[], $2::bytea[]) u (channel, sender)
WHERE c.channel = u.channel AND c.sender = u.sender
	AND NOT EXISTS (SELECT FROM caller k WHERE k.channel = c.channel AND k.sender = c.sender)`
)

// Sweep is journal.Journal's.
func (s *Store) Sweep(ctx context.Context, limit int) (swept int, err error) {
	swept, err = s.sweepOld(ctx, limit)
	if err != nil {
		return swept, err
	}
	stale, err := s.sweepStale(ctx, limit-swept)
	if err == nil {
		err = s.read(ctx, s.foldTally)
	}
	return swept + stale, err
}

// sweepOld deletes what is old. It waits for nobody, but at the end for the counter: what
// is locked is swept the next time. So it may lock rows in any order.
func (s *Store) sweepOld(ctx context.Context, limit int) (swept int, err error) {
	now := s.clock.forAges()
	old, oldLetters := micro(now.Add(-s.options.maxEventAge())), micro(now.Add(-s.options.DeadLetterRetention))
	oldChoices, oldAliases := micro(now.Add(-journal.ChoiceRetention)), micro(now.Add(-journal.AliasAge(s.options.maxEventAge())))
	err = s.read(ctx, func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, s.readPool, func(t pgx.Tx) error {
			swept = 0
			for _, step := range []struct {
				sql string
				at  int64
			}{{sweepKeys, micro(now)}, {sweepAddresses, old}, {sweepDeadLetters, oldLetters}, {sweepChoices, oldChoices}, {sweepAliases, oldAliases}} {
				tag, err := t.Exec(ctx, step.sql, step.at, limit-swept)
				if err != nil {
					return err
				}
				swept += int(tag.RowsAffected())
			}
			if _, err := t.Exec(ctx, sweepMarkers); err != nil {
				return err
			}
			if err := sweepConversations(ctx, t, old, limit); err != nil {
				return err
			}
			n, err := sweepMedia(ctx, t, micro(now), limit-swept)
			if swept += n; err != nil {
				return err
			}
			n, err = sweepOldest(ctx, t, old, limit-swept)
			swept += n
			return err
		})
	})
	s.options.report(ctx, err)
	return swept, err
}

// sweepConversations deletes conversations of which nothing is left.
func sweepConversations(ctx context.Context, t pgx.Tx, old int64, limit int) error {
	rows, err := t.Query(ctx, lockIdle, old, limit)
	idle, err := collect(rows, err, scanConversationKey)
	if err != nil || len(idle) == 0 {
		return err
	}
	channel, sender := conversationColumns(idle)
	_, err = t.Exec(ctx, sweepIdle, channel, sender)
	return err
}

// sweepOldest deletes events, and locks the counter last, as every transaction does. The
// counter says up to where events were deleted, so that a reader who is behind gets
// a SweptError.
func sweepOldest(ctx context.Context, t pgx.Tx, old int64, limit int) (int, error) {
	rows, err := t.Query(ctx, sweepEvents, old, limit)
	if err != nil {
		return 0, err
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(gone) == 0 {
		return 0, err
	}
	floor := gone[0]
	for _, cursor := range gone {
		floor = max(floor, cursor)
	}
	_, err = t.Exec(ctx, raiseFloor, floor)
	return len(gone), err
}
