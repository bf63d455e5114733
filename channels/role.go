package channels

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// roles are the roles of a channel: each of its interfaces is found by type assertion.
func roles() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[Addresser](), reflect.TypeFor[Chooser](), reflect.TypeFor[Closer](), reflect.TypeFor[Fitter](), reflect.TypeFor[Guarded](),
		reflect.TypeFor[Incomplete](), reflect.TypeFor[Keyer](), reflect.TypeFor[Limited](), reflect.TypeFor[Media](),
		reflect.TypeFor[Mounter](), reflect.TypeFor[Prober](), reflect.TypeFor[Runner](), reflect.TypeFor[Sender](), reflect.TypeFor[Signed](),
		reflect.TypeFor[StreamCloser](), reflect.TypeFor[Streamer](), reflect.TypeFor[Typer](),
	}
}

// CheckRoles reports each method of a channel that is named like a role's and has another
// shape: no type assertion finds it, so it would silently never be called. The service and
// channeltest ask it of every channel.
func CheckRoles(c Channel) error {
	shapes := map[string][]reflect.Type{} // roles may share the name of a method
	var names []string
	for _, role := range roles() {
		for i := range role.NumMethod() {
			m := role.Method(i)
			if shapes[m.Name] == nil {
				names = append(names, m.Name)
			}
			shapes[m.Name] = append(shapes[m.Name], m.Type)
		}
	}
	var errs []error
	of := reflect.TypeOf(c)
	if _, appends := of.MethodByName("Append"); !appends {
		// Open and Close are then no Streamer's: Config has an Open, Closer a Close.
		delete(shapes, "Open")
		shapes["Close"] = []reflect.Type{reflect.TypeFor[Closer]().Method(0).Type}
	}
	for _, name := range names {
		if shapes[name] == nil {
			continue
		}
		if has, ok := of.MethodByName(name); ok {
			errs = append(errs, checkShape(name, withoutReceiver(has.Type), shapes[name]))
		}
	}
	return errors.Join(errs...)
}

// checkShape reports a method that has none of the shapes that it may have.
func checkShape(name string, has reflect.Type, may []reflect.Type) error {
	texts := make([]string, len(may))
	for i, t := range may {
		if t == has {
			return nil
		}
		texts[i] = shapeOf(name, t)
	}
	return fmt.Errorf("its method %s is named like a role's: it should be %s, or have another name",
		shapeOf(name, has), strings.Join(texts, " or "))
}

// shapeOf writes a method as Go does: "Send(context.Context, channels.Part) error".
func shapeOf(name string, t reflect.Type) string {
	return name + strings.TrimPrefix(t.String(), "func")
}

// withoutReceiver returns the type of a method as an interface has it.
func withoutReceiver(t reflect.Type) reflect.Type {
	var in, out []reflect.Type
	for i := 1; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return reflect.FuncOf(in, out, t.IsVariadic())
}
