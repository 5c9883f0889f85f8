package coverage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	gvisorModule = "gvisor.dev/gvisor"
	gvisorTCP    = gvisorModule + "/pkg/tcpip/transport/tcp"
)

// Every place in the pinned source that can emit a RST is in the table.
func TestResetSitesAreThoseOfTheSource(t *testing.T) {
	type place struct{ At, Function, Calls string }
	var want, got []place
	for _, s := range findSites(t) {
		want = append(want, place{s.At, s.Function, s.Calls})
	}
	for _, s := range sites {
		got = append(got, place{s.At, s.Function, s.Calls})
	}
	if len(want) == 0 {
		t.Fatal("no site in the source")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-source +table)\n%s", diff)
	}
}

// sourceOfTCP is the folder of gVisor's TCP in the pinned version.
func sourceOfTCP(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", gvisorModule).Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), strings.TrimPrefix(gvisorTCP, gvisorModule))
}

// findSites parses gVisor's TCP for calls that can emit a RST, in the order of
// file and line.
func findSites(t *testing.T) []Site {
	t.Helper()
	dir := sourceOfTCP(t)
	names, err := filepath.Glob(filepath.Join(dir, "*.go")) // in order
	if err != nil || len(names) == 0 {
		t.Fatalf("nothing in %s: %v", dir, err)
	}
	var found []Site
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok && emits(c) {
					at := set.Position(c.Pos())
					found = append(found, Site{
						At:       fmt.Sprintf("%s:%d", filepath.Base(name), at.Line),
						Function: functionName(f), Calls: called(c),
					})
				}
				return true
			})
		}
	}
	return found
}

// emits says whether a call can emit a RST.
func emits(c *ast.CallExpr) bool {
	switch called(c) {
	case "resetConnectionLocked", "replyWithReset":
		return true
	case "sendEmptyRaw", "sendRaw":
		return len(c.Args) > 0 && mentions(c.Args, "TCPFlagRst")
	}
	return false
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func mentions(args []ast.Expr, name string) (found bool) {
	for _, a := range args {
		ast.Inspect(a, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return true
		})
	}
	return found
}

// functionName is the name of a function with the type that it is a method of.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if p, ok := receiver.(*ast.StarExpr); ok {
		receiver = p.X
	}
	return fmt.Sprint(receiver) + "." + f.Name.Name
}
