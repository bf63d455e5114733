package service

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
		{"soon full again", channels.Rate{Count: 10, Per: time.Second, Burst: 2}, 2 * leastBuckets},
		{"never full again", channels.Rate{Count: 1, Per: 24 * time.Hour}, mostBuckets},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, now := newBuckets(c.rate), time.Unix(0, 0)
			for i := range 3 * mostBuckets {
				now = now.Add(time.Millisecond)
				b.of(strconv.Itoa(i), now).take(now)
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
	b, now := newBuckets(channels.Rate{Count: 1, Per: time.Minute}), time.Unix(0, 0)
	b.of("ann", now).take(now)
	booking := b.of("bob", now)
	booking.book(7, now.Add(time.Hour))
	for i := range 5 * leastBuckets {
		b.of(strconv.Itoa(i), now.Add(30*time.Second))
	}
	if wait := b.of("ann", now).wait(1, now.Add(45*time.Second)); wait != 15*time.Second {
		t.Errorf("ann waits %v, want 15s", wait)
	}
	if b.of("bob", now) != booking {
		t.Error("a bucket with a booking was thrown away")
	}
}

// Whoever has a booking comes before those who have none, and its place is given up
// when it does not come.
func TestBucketBooking(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := newBucket(channels.Rate{Count: 1, Per: time.Second})
	b.take(now)
	at := b.free(now)
	b.book(1, at)
	if want := now.Add(time.Second); !at.Equal(want) {
		t.Errorf("booked for %v, want %v", at, want)
	}
	if !b.isNext(1, at) || b.isNext(2, at) {
		t.Errorf("at its time: 1 next %v, 2 next %v", b.isNext(1, at), b.isNext(2, at))
	}
	if second := b.free(at); !second.Equal(at.Add(time.Second)) {
		t.Errorf("behind it is %v, want %v", second, at.Add(time.Second))
	}
	if late := at.Add(bookingGrace + 1); !b.isNext(2, late) || !b.isIdle(late) {
		t.Error("a row that did not come is still waited for")
	}
}

// Rows that cannot be remembered come among the last.
func TestBucketBookingsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := newBucket(channels.Rate{Count: 1000, Per: time.Second})
	for row := range int64(2 * mostBooked) {
		b.book(row, b.free(now))
	}
	if len(b.booked) != mostBooked {
		t.Errorf("%d rows are remembered", len(b.booked))
	}
	if got, want := b.free(now), b.last.Add(time.Millisecond); !got.Equal(want) {
		t.Errorf("the next is %v, want %v", got, want)
	}
}
