package cmd_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/manyvox/manyvox/service/journal"
)

// TestCrashMedia kills the program while media are stored, while the agent has read them, and
// while the answer is sent, again and again with the same data. Every attempt reads the same
// bytes. They are gone with the next sweep once the message is answered, and an upload that no
// message uses an hour later.
func TestCrashMedia(t *testing.T) {
	t.Parallel()
	for name, open := range storeBlocks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crashMedia(t, open(t))
		})
	}
}

func crashMedia(t *testing.T, v storeBlock) {
	t.Helper()
	platform := newSMSPlatform()
	server := httptest.NewServer(platform)
	defer server.Close()
	agent := fmt.Sprintf("reader, url: %q, child: \"${CHILD}\"", server.URL)
	dir := smsFiles(t, server.URL, v, agent)
	p := startChild(t, dir, 1)
	g := &target{restarted: make(chan struct{})}
	g.setChild(p)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	defer client.CloseIdleConnections()
	done := make(chan struct{})
	users := make([]*uploader, writers)
	var posting sync.WaitGroup
	for i := range users {
		users[i] = &uploader{chooser: chooser{t: t, platform: platform, target: g, client: client, sender: strconv.Itoa(i)}}
		posting.Go(func() { users[i].uploadUntil(done) })
	}
	within := 0 // kills within a turn that has read its media
	for i := range roundsOf(5, 2) {
		if !platform.goesOn(t) {
			break
		}
		if i%4 == 0 {
			within++
			platform.killer.killWithin(t, p, "read")
		} else {
			platform.killer.kill(t, p, "read", "upload", "post", "text", "image")
		}
		p = awaitKill(t, dir, g, p)
	}
	close(done)
	posting.Wait()
	interrupted, messages, again := 0, 0, 0
	for _, u := range users {
		interrupted += platform.verify(t, u.sender, u.answers)
		messages += len(u.answers)
		again += u.verifyReads()
	}
	t.Logf("%d messages, interrupted: %d, attempts that read once more: %d", messages, interrupted, again)
	if again < within {
		t.Errorf("%d attempts read once more, want one for each of %d turns at least that were cut", again, within)
	}
	finishGrowing(t, v, dir, p, interrupted)
	verifyMedia(t, v, dir, users)
}

// uploader is a user of a reader agent.
type uploader struct {
	chooser
	refs []string // of the uploads that the messages bring
	// unused are the refs of further uploads, with their bytes.
	unused map[string]string
}

// uploadUntil sends messages with media until done is closed, or the test fails.
func (u *uploader) uploadUntil(done <-chan struct{}) {
	u.unused = map[string]string{}
	for n := 1; u.attach(n) && u.isAnswered(); n++ {
		select {
		case <-done:
			return
		default:
		}
	}
}

// attach sends a message with an upload and a content. Before some it uploads what no message
// brings.
func (u *uploader) attach(n int) bool {
	if n%3 == 0 {
		content := u.bytes(n, "unused")
		ref, ok := u.upload(content)
		if !ok {
			return false
		}
		u.unused[ref] = content
	}
	uploaded, inline := u.bytes(n, "upload"), u.bytes(n, "inline")
	ref, ok := u.upload(uploaded)
	if !ok {
		return false
	}
	u.refs, u.answers = append(u.refs, ref), append(u.answers, private+uploaded+inline)
	u.platform.killer.before("post")
	return u.send(fmt.Sprintf(`{"sender":%q,"message_id":%q,"attachments":[{"ref":%q},{"content":%q}]}`,
		u.sender, u.last(), ref, base64.StdEncoding.EncodeToString([]byte(inline))))
}

// upload uploads bytes and returns their ref.
func (u *uploader) upload(content string) (ref string, ok bool) {
	u.platform.killer.before("upload")
	answer, ok := u.post(u.t, u.client, "sms/media", content)
	return strings.TrimSuffix(strings.TrimPrefix(answer, `{"ref":"`), `"}`), ok
}

// bytes are those of one medium, and of no other.
func (u *uploader) bytes(n int, kind string) string {
	return fmt.Sprintf("%s%s of message %d of %s;", private, kind, n, u.sender)
}

// verifyReads checks that every attempt has found the same, and returns how many attempts
// there were more than messages.
func (u *uploader) verifyReads() (again int) {
	for i, want := range u.answers {
		all := u.platform.read[smsMessage{u.sender, fmt.Sprintf("m%d", i+1)}]
		for _, found := range all {
			if found != want {
				u.t.Errorf("an attempt reads %q, want %q", found, want)
			}
		}
		again += len(all) - 1
	}
	return again
}

// verifyMedia checks what is kept once the program has ended: the media of dead letters, and
// uploads that no message used, for their hour.
func verifyMedia(t *testing.T, v storeBlock, dir string, users []*uploader) {
	t.Helper()
	store := v.open(t, dir)
	sweep(t, store)
	dead := deadMedia(t, store)
	unused := 0
	for _, u := range users {
		for n, ref := range u.refs {
			want := u.bytes(n+1, "upload")
			if !dead[ref] {
				want = ""
			}
			wantMedium(t, store, ref, want)
		}
		for ref, content := range u.unused {
			wantMedium(t, store, ref, content)
		}
		unused += len(u.unused)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	store = v.openLater(t, dir)
	defer store.Close()
	for _, u := range users {
		for ref := range u.unused {
			wantMedium(t, store, ref, "")
		}
	}
	sweep(t, store)
	if use, _, err := store.MediaUse(t.Context(), "sms", ""); err != nil || use.Count != len(dead) {
		t.Errorf("more than an hour later %d media are kept, error %v, want %d", use.Count, err, len(dead))
	}
	t.Logf("%d uploads that no message used", unused)
}

// deadMedia returns the refs of dead letters.
func deadMedia(t *testing.T, store journal.Journal) map[string]bool {
	t.Helper()
	letters, err := store.DeadLetters(t.Context(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]bool{}
	for _, d := range letters {
		for _, a := range d.Message.Attachments {
			refs[a.Ref] = true
		}
	}
	return refs
}

// wantMedium checks what the store keeps under a ref, "" for nothing.
func wantMedium(t *testing.T, store journal.Journal, ref, want string) {
	t.Helper()
	m, err := store.Medium(t.Context(), "sms", ref)
	if err != nil {
		t.Fatal(err)
	}
	if m == nil {
		m = &journal.Medium{}
	}
	if string(m.Content) != want {
		t.Errorf("%s has %q, want %q", ref, m.Content, want)
	}
}

// sweep deletes all that is not kept any more.
func sweep(t *testing.T, store journal.Journal) {
	t.Helper()
	const batch = 500
	for n := batch; n == batch; {
		var err error
		if n, err = store.Sweep(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
}
