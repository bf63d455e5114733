package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
)

// pin keeps this process off the first core, which is the servers' until the benchmark
// ends, and says what runs where.
func pin(b *testing.B) string {
	b.Helper()
	if !canPin() {
		return "servers and client share all cores: taskset is missing, or there is one core"
	}
	last := runtime.NumCPU() - 1
	cores := "1"
	if last > 1 {
		cores = fmt.Sprint("1-", last)
	}
	setCores(b, cores)
	b.Cleanup(func() { setCores(b, fmt.Sprint("0-", last)) })
	return "servers on core 0, client on core " + cores
}

// setCores says on which cores the threads of this process may run.
func setCores(b *testing.B, cores string) {
	b.Helper()
	out, err := exec.Command("taskset", "-a", "-p", "-c", cores, strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		b.Fatalf("taskset: %v: %s", err, out)
	}
}

func canPin() bool {
	_, err := exec.LookPath("taskset")
	return err == nil && runtime.NumCPU() > 1
}

// onServerCore returns the command that runs a program on the first core.
func onServerCore(name string, args ...string) *exec.Cmd {
	if !canPin() {
		return exec.Command(name, args...)
	}
	return exec.Command("taskset", append([]string{"-c", "0", name}, args...)...)
}
