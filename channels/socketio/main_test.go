package socketio_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" { // this process is a child of TestKill
		os.Exit(runChild(dir))
	}
	goleak.VerifyTestMain(m)
}
