package journal

import "context"

// Settings are values that all programs which share the store must agree on, such as the
// operator's token.
type Settings interface {
	// Setting returns the value that is kept under a key. Where there is none, it first
	// stores the one that is proposed, in the same transaction: of programs that start
	// together all get the same. A setting is never swept. A secret among them is stored
	// as it is, so that who can read the store can read it.
	Setting(ctx context.Context, key, proposed string) (string, error)
}
