package ratelimit

import (
	"strconv"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Buckets are kept while they matter, and never too many.
func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rate channels.Rate
		most int
	}{
		{"soon full again", channels.Rate{Count: 10, Per: time.Second, Burst: 2}, 2 * minBuckets},
		{"never full again", channels.Rate{Count: 1, Per: 24 * time.Hour}, maxBuckets},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, now := NewBuckets(c.rate), time.Unix(0, 0)
			for i := range 3 * maxBuckets {
				now = now.Add(time.Millisecond)
				b.Of(strconv.Itoa(i), now).Take(now)
				if len(b.named) > c.most {
					t.Fatalf("%d buckets after %d names", len(b.named), i)
				}
			}
		})
	}
}

// A bucket that is still held against its name is not thrown away.
func TestBucketsKeepWhatMatters(t *testing.T) {
	t.Parallel()
	b, now := NewBuckets(channels.Rate{Count: 1, Per: time.Minute}), time.Unix(0, 0)
	b.Of("ann", now).Take(now)
	booking := b.Of("bob", now)
	booking.Book(7, now.Add(time.Hour))
	for i := range 5 * minBuckets {
		b.Of(strconv.Itoa(i), now.Add(30*time.Second))
	}
	if wait := b.Of("ann", now).Wait(1, now.Add(45*time.Second)); wait != 15*time.Second {
		t.Errorf("ann waits %v, want 15s", wait)
	}
	if b.Of("bob", now) != booking {
		t.Error("a bucket with a booking was thrown away")
	}
}

// Whoever has a booking comes before those who have none, and its place is given up
// when it does not come.
func TestBucketBooking(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := NewBucket(channels.Rate{Count: 1, Per: time.Second})
	b.Take(now)
	at := b.Free(now)
	b.Book(1, at)
	if want := now.Add(time.Second); !at.Equal(want) {
		t.Errorf("booked for %v, want %v", at, want)
	}
	if !b.IsNext(1, at) || b.IsNext(2, at) {
		t.Errorf("at its time: 1 next %v, 2 next %v", b.IsNext(1, at), b.IsNext(2, at))
	}
	if second := b.Free(at); !second.Equal(at.Add(time.Second)) {
		t.Errorf("behind it is %v, want %v", second, at.Add(time.Second))
	}
	if late := at.Add(bookingGrace + 1); !b.IsNext(2, late) || !b.isIdle(late) {
		t.Error("a row that did not come is still waited for")
	}
}

// Rows that cannot be remembered come among the last.
func TestBucketBookingsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := NewBucket(channels.Rate{Count: 1000, Per: time.Second})
	for row := range int64(2 * maxBooked) {
		b.Book(row, b.Free(now))
	}
	if len(b.booked) != maxBooked {
		t.Errorf("%d rows are remembered", len(b.booked))
	}
	if got, want := b.Free(now), b.last.Add(time.Millisecond); !got.Equal(want) {
		t.Errorf("the next is %v, want %v", got, want)
	}
}

// Of several programs each has its part of the count and of the burst, at once.
func TestBucketShare(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := NewBucket(channels.Rate{Count: 10, Per: time.Second, Burst: 4})
	for _, c := range []struct {
		programs, burst int
		every           time.Duration
	}{
		{2, 2, 200 * time.Millisecond},
		{8, 1, 800 * time.Millisecond},
		{0, 4, 100 * time.Millisecond},
		{1, 4, 100 * time.Millisecond},
	} {
		b.Share(c.programs, now)
		now = now.Add(time.Hour)
		for range c.burst {
			if wait := b.Wait(1, now); wait != 0 {
				t.Errorf("%d programs: waits %v within the burst of %d", c.programs, wait, c.burst)
			}
			b.Take(now)
		}
		if wait := b.Wait(1, now); wait != c.every {
			t.Errorf("%d programs: waits %v behind the burst, want %v", c.programs, wait, c.every)
		}
		if free := b.Free(now).Sub(now); free != c.every {
			t.Errorf("%d programs: the next time is in %v, want %v", c.programs, free, c.every)
		}
	}
}
