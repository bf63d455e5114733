package journaltest

import "sync"

// setting returns what is kept under a key.
func setting(h *harness, key, proposed string) string {
	h.Helper()
	value, err := h.Setting(h.Context(), key, proposed)
	h.wantErr("Setting", err, nil)
	return value
}

var settingTests = map[string]func(*harness){
	// The first value that is proposed stays, and other keys are not concerned.
	"setting: the first proposal is kept": func(h *harness) {
		h.equal("first", setting(h, "token", "a"), "a")
		h.equal("second", setting(h, "token", "b"), "a")
		h.equal("another key", setting(h, "key", "c"), "c")
		h.equal("third", setting(h, "token", ""), "a")
	},
	// Of those that propose at the same time, all get the same value.
	"setting: all who propose at once get the same": func(h *harness) {
		values := make([]string, 9)
		var wg sync.WaitGroup
		for i := range values {
			wg.Go(func() { values[i] = setting(h, "token", string(rune('a'+i))) })
		}
		wg.Wait()
		for _, v := range values {
			h.equal("value", v, values[0])
		}
	},
	// Neither Forget nor Sweep takes a setting.
	"setting: is not forgotten": func(h *harness) {
		setting(h, "token", "a")
		h.inbox.enqueueNew("ann", "1")
		h.forget()
		_, err := h.Sweep(h.Context(), 9)
		h.wantErr("Sweep", err, nil)
		h.equal("kept", setting(h, "token", "b"), "a")
	},
}

var reopenSettingTests = map[string]func(*harness){
	// A setting is there when the store is opened again.
	"reopen: settings stay": func(h *harness) {
		setting(h, "token", "a")
		h.reopen()
		h.equal("kept", setting(h, "token", "b"), "a")
	},
}
