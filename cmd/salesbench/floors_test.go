package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/salesbench/salesbench"

// floors is the map of the house. A package imports only packages of lower floors;
// packages inside a room (survey/store/storetest) belong to the room's floor.
var floors = map[string]int{
	"cmd/salesbench":     6,
	"cmd/chaos":          6,
	"cmd/loadtest":       6,
	"cmd/internal":       5, // what the measuring commands share
	"survey/web":         5,
	"survey/jobs":        4,
	"benchmark/report":   4,
	"survey/intake":      3,
	"survey/export":      3,
	"benchmark/chart":    3,
	"survey/store":       2,
	"benchmark":          2,
	"benchmark/analysis": 2,
	"benchmark/panel":    1,
	"survey/auth":        1,
	"templates":          1,
	"survey":             0,
	"survey/wire":        0,
	"survey/words":       0,
	"benchmark/stat":     0,
	"survey/mail":        0,
	"static":             0,
}

// groundFloor says what the ground floor may import besides the standard library.
var groundFloor = map[string][]string{
	"survey":         nil,
	"survey/wire":    nil,
	"survey/words":   {"golang.org/x/text"},
	"benchmark/stat": {"gonum.org/v1/gonum"},
	"survey/mail":    {"github.com/wneessen/go-mail"},
	"static":         nil,
}

// fences keep one framework in one room. Tests stay behind the fence too.
var fences = []struct {
	imports string
	room    string
	reason  string
}{
	{"gorm.io", "survey/store", "row types and queries must not leak into the domain, or two databases stop behaving as one"},
	{"github.com/pressly/goose", "survey/store", "who migrates must own the schema"},
	{"modernc.org/sqlite", "survey/store", "driver errors become kinds at the edge of the store; nobody else knows their codes"},
	{"github.com/labstack/echo", "survey/web", "the rest of the house does not know that it is reached through HTTP"},
	{"github.com/go-echarts", "benchmark/chart", "its renderers do not escape user text; one room knows how to use it safely"},
	{"golang.org/x/crypto", "survey/auth", "cryptography lives in one room, where it is reviewed"},
	{"github.com/trustelem/zxcvbn", "survey/auth", "what a password must stand is said in one place"},
	{"github.com/alexedwards/argon2id", "survey/auth", "how a password is kept is settled in one room"},
	{"github.com/pquerna/otp", "survey/auth", "what proves who somebody is, is settled in one room"},
	{"github.com/coreos/go-oidc", "survey/auth", "what is believed of a provider of identities is settled in one room"},
	{"golang.org/x/oauth2", "survey/auth", "what is believed of a provider of identities is settled in one room"},
	{"github.com/alexedwards/scs", "survey/web", "a session is something of HTTP"},
	{"github.com/prometheus", "survey/web", "what is counted, and that no label names anybody, is settled in one place"},
	{"github.com/xuri/excelize", "survey/export", "one room knows how a text stays a text in a workbook, and how a large one stays off the heap"},
	{"github.com/wneessen/go-mail", "survey/mail", "what goes over the wire to a mail server is settled, and refused, in one room"},
	{"github.com/emersion", "survey/mail", "a mail server of tests keeps its ledger in one place"},
	{"github.com/alecthomas/kong", "cmd/salesbench", "flags and environment are read in one room; everything else gets values"},
	{"github.com/schollz/progressbar", "cmd/salesbench", "the terminal belongs to the command"},
}

// measuring are the rooms that put the limits beside the service, among them a bare
// handler and a plain loop on a database. They are not part of the product.
var measuring = []string{"cmd/loadtest"}

// forbiddenNames are names of kinds of code; a package is named after the domain or
// the one technology it adapts.
var forbiddenNames = []string{"util", "utils", "helper", "helpers", "model", "models", "service", "services", "common", "misc"}

type listedPackage struct {
	ImportPath   string
	Name         string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestEveryPackageImportsOnlyLowerFloors(t *testing.T) {
	for _, p := range listPackages(t) {
		path := inModule(p.ImportPath)
		room, known := roomOf(path)
		if !known {
			t.Errorf("%s stands on no floor: a new room needs a line in ARCHITECTURE.md saying what only it may do, and one here", path)
			continue
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			lower, known := roomOf(other)
			if known && lower != room && floors[lower] >= floors[room] {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports only go down, so that a lower room can be read, tested and replaced without the ones above it",
					path, floors[room], other, floors[lower])
			}
		}
	}
}

func TestGroundFloorUsesTheStandardLibraryOnly(t *testing.T) {
	for _, p := range listPackages(t) {
		room, _ := roomOf(inModule(p.ImportPath))
		allowed, ground := groundFloor[room]
		if !ground || strings.HasSuffix(p.ImportPath, "test") {
			continue
		}
		for _, imported := range p.Imports {
			if standard(imported) || within(imported, module+"/"+room) ||
				slices.ContainsFunc(allowed, func(prefix string) bool { return within(imported, prefix) }) {
				continue
			}
			t.Errorf("%s imports %s: the ground floor is the standard library (and %v), so that the vocabulary and the estimators outlive every framework",
				room, imported, allowed)
		}
	}
}

func TestEachFrameworkLivesInOneRoom(t *testing.T) {
	for _, p := range listPackages(t) {
		room, _ := roomOf(inModule(p.ImportPath))
		if slices.Contains(measuring, room) {
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, fence := range fences {
				if within(imported, fence.imports) && room != fence.room {
					t.Errorf("%s imports %s, which lives in %s: %s", inModule(p.ImportPath), imported, fence.room, fence.reason)
				}
			}
		}
	}
}

func TestNoPackageIsNamedAfterAKindOfCode(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, element := range append(strings.Split(inModule(p.ImportPath), "/"), p.Name) {
			if slices.Contains(forbiddenNames, element) {
				t.Errorf("%s: %q says what kind of code is inside, not what it is about", p.ImportPath, element)
			}
		}
	}
}

func TestFilesFunctionsAndParameterListsStayShort(t *testing.T) {
	const fileLines, functionLines, parameters = 500, 70, 5
	for path, file := range parseHouse(t) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if n := file.set.File(file.ast.Pos()).LineCount(); n > fileLines+1 {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thought", path, n-1, fileLines)
		}
		for _, declaration := range file.ast.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := file.set.Position(f.Pos())
			if n := file.set.Position(f.End()).Line - at.Line + 1; n > functionLines {
				t.Errorf("%s: %s has %d lines, more than %d: it does not fit on a screen", at, f.Name, n, functionLines)
			}
			if n := f.Type.Params.NumFields(); n > parameters {
				t.Errorf("%s: %s has %d parameters, more than %d: make a struct, so that callers name what they pass", at, f.Name, n, parameters)
			}
		}
	}
}

// TestNobodyUsesGORMsGenerics keeps the compiler quick: with forty kinds of rows they
// took it minutes of processor time and three gigabytes.
func TestNobodyUsesGORMsGenerics(t *testing.T) {
	for path, file := range parseHouse(t) {
		ast.Inspect(file.ast, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok || selector.Sel.Name != "G" {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == "gorm" {
				t.Errorf("%s:%d uses gorm.G: begin the statement with rowsOf, which costs the compiler nothing", path, file.set.Position(node.Pos()).Line)
			}
			return true
		})
	}
}

func TestNobodySleeps(t *testing.T) {
	for path, file := range parseHouse(t) {
		ast.Inspect(file.ast, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok || selector.Sel.Name != "Sleep" {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == "time" {
				t.Errorf("%s:%d sleeps: wait for the event itself, or use a timer and the context",
					path, file.set.Position(node.Pos()).Line)
			}
			return true
		})
	}
}

// TestRaceDetectorIsOnWhenAllIsRequired keeps the test command from quietly losing -race.
func TestRaceDetectorIsOnWhenAllIsRequired(t *testing.T) {
	if os.Getenv("SALESBENCH_REQUIRE_ALL") == "1" && !raceDetector {
		t.Error("SALESBENCH_REQUIRE_ALL=1 asks for everything, and these tests were built without -race")
	}
}

// roomOf finds the room a package belongs to: itself or its nearest known parent.
func roomOf(path string) (string, bool) {
	for room := path; room != "."; room = filepath.ToSlash(filepath.Dir(room)) {
		if _, ok := floors[room]; ok {
			return room, true
		}
	}
	return "", false
}

func inModule(importPath string) string { return strings.TrimPrefix(importPath, module+"/") }

func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// standard tells the standard library by its first element, which has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	command.Dir = house(t)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("go list prints what is not JSON: %v", err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 4 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	return packages
}

type parsedFile struct {
	set *token.FileSet
	ast *ast.File
}

// parseHouse parses every Go file of the module, tests included.
func parseHouse(t *testing.T) map[string]parsedFile {
	t.Helper()
	top := house(t)
	files := make(map[string]parsedFile)
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != top && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(relative)] = parsedFile{set, parsed}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// house is the folder of go.mod.
func house(t *testing.T) string {
	t.Helper()
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(top, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return top
}
