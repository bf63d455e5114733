package socketio_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" { // this process is one to be killed
		os.Exit(victim(dir))
	}
	goleak.VerifyTestMain(m)
}
