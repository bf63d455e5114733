package setup

import (
	"cmp"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/config"
)

// pick finds the type that the block under key names, and returns both.
func pick[T any](file *config.Block, key, fallback string, types []T, name func(T) string) (*config.Block, *T, error) {
	block, err := file.Sub(key)
	if err != nil {
		return nil, nil, err
	}
	return pickOf(block, key, fallback, types, name)
}

// pickOf is pick for a block that is known. Its errors begin with the subject.
func pickOf[T any](block *config.Block, subject, fallback string, types []T, name func(T) string) (*config.Block, *T, error) {
	wanted, err := block.Text("type")
	if err != nil {
		return nil, nil, err
	}
	wanted = cmp.Or(wanted, fallback)
	i := slices.IndexFunc(types, func(t T) bool { return name(t) == wanted })
	if i < 0 {
		return nil, nil, unknownType(block.Named(subject), wanted, namesOf(types, name))
	}
	return block.Named(subject + " " + wanted), &types[i], nil
}

// unknownType says which types there are, or which was probably meant.
func unknownType(block *config.Block, name string, known []string) error {
	list := strings.Join(known, ", ")
	switch near := config.Nearest(name, known); {
	case name == "":
		return block.Errorf("", `"type:" is missing: there are: %s`, list)
	case near != "":
		return block.Errorf("type", "unknown type %q: did you mean %q?", name, near)
	}
	return block.Errorf("type", "unknown type %q: there are: %s", name, list)
}

// namesOf returns the name of each item of a list.
func namesOf[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i, item := range list {
		names[i] = name(item)
	}
	return names
}
