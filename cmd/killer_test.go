package cmd_test

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// killer stops a child, by kill -9 or a freeze, at a call that was chosen before.
type killer struct {
	mu   sync.Mutex
	plan *killPlan // nil while none is planned
	stop func(child string)
}

// kill plans to kill a child at one of the calls, or a minute later if none comes.
func (k *killer) kill(t *testing.T, p *childProcess, calls ...string) {
	k.plans(t, p, &killPlan{
		call: calls[rand.N(len(calls))], taken: rand.N(2) == 0, after: time.Duration(rand.N(4)-1) * time.Millisecond,
	})
}

// killWithin plans to kill a child before one of the calls of that name is answered.
func (k *killer) killWithin(t *testing.T, p *childProcess, call string) {
	k.plans(t, p, &killPlan{call: call, after: -1})
}

func (k *killer) plans(t *testing.T, p *childProcess, plan *killPlan) {
	plan.child, plan.skip = strconv.Itoa(p.number), rand.N(6)
	k.set(plan, func(string) { _ = p.Process.Kill() })
	late := time.AfterFunc(2*waitTimeout, func() { _ = p.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
}

// set sets a plan.
func (k *killer) set(plan *killPlan, stop func(child string)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.plan, k.stop = plan, stop
}

// during takes a call of a child, and stops the child where the plan says so. One whose call
// is not taken finds its connection broken, should it live on.
func (k *killer) during(call, child string, take func()) {
	plan, stop := k.meets(call, child)
	switch {
	case plan == nil:
		take()
	case plan.after >= 0:
		take()
		time.AfterFunc(plan.after, func() { stop(child) })
	case plan.taken:
		take()
		stop(child)
	default:
		stop(child)
		panic(http.ErrAbortHandler)
	}
}

// before has the test itself make a call. A child that is to be stopped then is stopped at about
// that time.
func (k *killer) before(call string) {
	if plan, stop := k.meets(call, ""); plan != nil {
		time.AfterFunc(plan.after, func() { stop(plan.child) })
	}
}

// meets returns the plan if it is about this call, and counts down. A plan without a child
// is about all, and so is a call without one.
func (k *killer) meets(call, child string) (*killPlan, func(string)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	plan := k.plan
	if plan == nil || plan.call != call || child != "" && plan.child != "" && plan.child != child {
		return nil, nil
	}
	if plan.skip--; plan.skip >= 0 {
		return nil, nil
	}
	k.plan = nil
	return plan, k.stop
}
