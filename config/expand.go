package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Expander replaces ${VAR}, ${VAR:-default} and ${file:/path} in the plain and
// double-quoted values of a configuration file. Any other $ stays as it is.
type Expander struct {
	// LookupEnv defaults to os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// ReadFile defaults to the package's ReadFile.
	ReadFile func(string) ([]byte, error)
}

var reference = regexp.MustCompile(`\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?)\}`)

// unclosed is a reference whose end is missing.
var unclosed = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*$|\$\{[A-Za-z_][A-Za-z0-9_]*[^A-Za-z0-9_:}]|\$\{file:[^}]*$`)

func (x *Expander) expand(s string) (string, error) {
	var errs []error
	out := reference.ReplaceAllStringFunc(s, func(ref string) string {
		value, err := x.value(reference.FindStringSubmatch(ref))
		errs = append(errs, err)
		return value
	})
	return out, errors.Join(errs...)
}

func (x *Expander) value(match []string) (string, error) {
	path, name, fallback := match[1], match[2], match[3]
	if path != "" {
		data, err := x.readFile(path)
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the message has the path already
		}
		if err != nil {
			return "", fmt.Errorf("${file:%s} cannot be read: %w", path, err)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	}
	value, ok := x.lookup(name)
	if fallback != "" && value == "" {
		return fallback[len(":-"):], nil // as in a shell: unset or empty
	}
	if !ok {
		return "", fmt.Errorf("${%s} is not set: set it, or write ${%s:-default}", name, name)
	}
	return value, nil
}

func (x *Expander) readFile(path string) ([]byte, error) {
	if x != nil && x.ReadFile != nil {
		return x.ReadFile(path)
	}
	return ReadFile(path)
}

func (x *Expander) lookup(name string) (string, bool) {
	if x != nil && x.LookupEnv != nil {
		return x.LookupEnv(name)
	}
	return os.LookupEnv(name)
}

// resolver walks a parsed file once: it expands references, replaces aliases by
// what they name and merges "<<" keys.
type resolver struct {
	file     string
	expand   *Expander
	anchors  map[string]ast.Node
	idle     map[string]ast.Node // anchors of a single value that no alias has used
	nodes    int
	tooLarge bool // nodes has passed maxNodes
	errs     []error
	warnings []string
}

// A file may reuse an anchor, but not so that a few lines become millions of nodes.
const maxNodes = 100_000

func (r *resolver) resolve(n ast.Node) ast.Node {
	if r.nodes++; r.nodes > maxNodes {
		if !r.tooLarge {
			r.tooLarge = true
			r.fail(n, errors.New("too large once its aliases are followed"))
		}
		return n
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		value := r.resolve(n.Value)
		r.anchors[n.Name.GetToken().Value] = value
		if _, single := scalarText(value); single {
			r.idle[n.Name.GetToken().Value] = value
		}
		return value
	case *ast.AliasNode:
		return r.alias(n)
	case *ast.TagNode:
		r.fail(n, errors.New("a tag (!) is not supported: quote a value that begins like one"))
	case *ast.MappingNode:
		r.mapping(n)
	case *ast.SequenceNode:
		for i := range n.Values {
			n.Values[i] = r.resolve(n.Values[i])
		}
	case *ast.StringNode:
		r.scalar(n)
	case *ast.LiteralNode: // its last line break is the file's, not the value's
		n.Value.Value = strings.TrimRight(n.Value.Value, "\r\n")
	}
	return n
}

func (r *resolver) alias(n *ast.AliasNode) ast.Node {
	value, ok := r.anchors[n.Value.GetToken().Value]
	if !ok { // perhaps it is no alias but an unquoted secret
		r.fail(n, errors.New("an alias (*) without its anchor: quote a value that begins like one"))
		return n
	}
	delete(r.idle, n.Value.GetToken().Value)
	r.nodes += count(value)
	return value
}

// mapping resolves the values of a mapping. A key of its own wins over a merged one.
func (r *resolver) mapping(n *ast.MappingNode) {
	own := map[string]bool{}
	for _, v := range n.Values {
		if _, merge := v.Key.(*ast.MergeKeyNode); !merge {
			own[v.Key.GetToken().Value] = true
		}
	}
	values := n.Values
	n.Values = nil
	for _, v := range values {
		if !plainKey(v.Key) {
			r.fail(v.Key, errors.New("a key with ?, &, * or ! before it: expected its name alone"))
			continue
		}
		if name := v.Key.GetToken().Value; strings.TrimLeft(name, "\u00a0\u3000") != name {
			r.fail(v.Key, errors.New("indented by a no-break space: use plain spaces"))
		}
		v.Value = r.resolve(v.Value)
		if _, merge := v.Key.(*ast.MergeKeyNode); !merge {
			n.Values = append(n.Values, v)
			continue
		}
		merged, ok := v.Value.(*ast.MappingNode)
		if !ok {
			r.fail(v, errors.New("<<: expected an alias of a mapping"))
			continue
		}
		for _, m := range merged.Values {
			if name := m.Key.GetToken().Value; !own[name] {
				own[name] = true
				n.Values = append(n.Values, m)
			}
		}
	}
}

func plainKey(n ast.MapKeyNode) bool {
	switch n.(type) {
	case *ast.MappingKeyNode, *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return false
	}
	return true
}

func (r *resolver) scalar(n *ast.StringNode) {
	switch n.Token.Type { // other styles, single quotes above all, are literal
	case token.StringType, token.DoubleQuoteType:
	default:
		return
	}
	value, err := r.expand.expand(n.Value)
	if err != nil {
		r.fail(n, err)
	}
	if unclosed.MatchString(n.Value) {
		r.warnings = append(r.warnings, fmt.Sprintf("%s:%d: a ${ without its } is taken as it is written", r.file, lineOf(n)))
	}
	n.Value = value
}

// warnOfIdle warns of anchors that no alias uses: what stands behind & is no part of the value.
func (r *resolver) warnOfIdle() {
	for _, n := range r.idle {
		r.warnings = append(r.warnings, fmt.Sprintf("%s:%d: an anchor (&) that no alias (*) uses: quote a value that begins with &", r.file, lineOf(n)))
	}
	slices.Sort(r.warnings)
}

func (r *resolver) fail(n ast.Node, err error) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %w", r.file, lineOf(n), err))
}

type counter int

func (c *counter) Visit(ast.Node) ast.Visitor { *c++; return c }

func count(n ast.Node) int {
	var c counter
	ast.Walk(&c, n)
	return int(c)
}
