package main

import (
	"maps"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// metric is one figure of a benchmark or of a part of one.
type metric struct{ benchmark, unit string }

// moreIsBetter holds for rates. Of all else, times and ratios above all, less is better.
func (m metric) moreIsBetter() bool { return strings.HasSuffix(m.unit, "/s") }

// sample is what one run printed.
type sample struct {
	values  map[metric]float64
	skipped map[string]string // the benchmark and its reason
}

// parse reads the output of a test binary run with -test.v on this machine. Lines that it
// does not know are passed over: benchmarks print what they like.
func parse(out string) sample {
	s := sample{map[metric]float64{}, map[string]string{}}
	logged := regexp.MustCompile(`^\s+\S+\.go:\d+: (.*)`)
	reason := ""
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if found := logged.FindStringSubmatch(line); found != nil {
			reason = found[1]
		} else if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- SKIP: "); ok {
			s.skipped[plain(name)] = reason
		} else {
			maps.Copy(s.values, parseLine(line))
		}
	}
	return s
}

// parseLine reads "BenchmarkName-2   100   12.5 ns/op   3.0 ratio". Testing's account of
// memory goes with its account of time: a benchmark that hides its ns/op measures
// something else than this process.
func parseLine(line string) map[metric]float64 {
	fields := strings.Fields(line)
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return nil
	}
	if _, err := strconv.Atoi(fields[1]); err != nil {
		return nil
	}
	name, values := plain(fields[0]), map[metric]float64{}
	for i := 2; i < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return nil
		}
		values[metric{name, fields[i+1]}] = v
	}
	if _, timed := values[metric{name, "ns/op"}]; !timed {
		delete(values, metric{name, "B/op"})
		delete(values, metric{name, "allocs/op"})
	}
	return values
}

// plain takes "Benchmark" and the number of processors from a name. Testing adds the
// number where there are several.
func plain(name string) string {
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "Benchmark"), " ") // the time it took
	if n := runtime.GOMAXPROCS(0); n > 1 {
		name = strings.TrimSuffix(name, "-"+strconv.Itoa(n))
	}
	return name
}
