package worker

import (
	"fmt"
	"runtime/debug"
)

// Panic is the error that a panic of a channel or an agent becomes: it ends the call
// that it happened in, and nothing else.
type Panic struct {
	Value any
	Stack []byte
}

// Error returns the value and the stack.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Recover sets err to a *Panic when the function that defers it panics.
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = &Panic{Value: v, Stack: debug.Stack()}
	}
}
