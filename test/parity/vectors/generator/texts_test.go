// Makes texts.json: every text in the sources of the HPA controller and of the clients that it asks, so that no form of a
// message is overlooked. Arguments of log calls, import paths and tags are left out. README.md says how to run it.
package podautoscaler

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// Places relative to the module cache; a folder means its files, not those below it.
var textSources = []string{
	"k8s.io/kubernetes@v1.36.3/pkg/controller/podautoscaler",
	"k8s.io/kubernetes@v1.36.3/pkg/controller/podautoscaler/metrics",
	"k8s.io/metrics@v0.36.3/pkg/client/custom_metrics",
	"k8s.io/metrics@v0.36.3/pkg/client/external_metrics",
	"k8s.io/client-go@v0.36.3/scale",
}

type sourceText struct {
	File     string `json:"file"`
	Function string `json:"function"`
	Text     string `json:"text"`
}

func isLogCall(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch selector.Sel.Name {
	case "Info", "V", "HandleError", "HandleErrorWithContext", "StartStructuredLogging", "Error":
		return true
	}
	return false
}

// The texts of one function, in the order of the source; each once.
func textsIn(file string, function *ast.FuncDecl) []sourceText {
	found := []sourceText{}
	seen := map[string]bool{}
	ast.Inspect(function, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok && isLogCall(call) {
			return false
		}
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			panic(err)
		}
		if text != "" && !seen[text] {
			seen[text] = true
			found = append(found, sourceText{File: file, Function: function.Name.Name, Text: text})
		}
		return true
	})
	return found
}

func TestTexts(t *testing.T) {
	found := []sourceText{}
	for _, place := range textSources {
		files, err := filepath.Glob(filepath.Join(os.Getenv("GOMODCACHE"), place, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources in %s: %v", place, err)
		}
		sort.Strings(files)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "zz_") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			relative, _ := filepath.Rel(os.Getenv("GOMODCACHE"), name)
			for _, declaration := range parsed.Decls {
				if function, ok := declaration.(*ast.FuncDecl); ok {
					found = append(found, textsIn(relative, function)...)
				}
			}
		}
	}
	lines := make([]string, 0, len(found))
	for _, one := range found {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	if err := os.WriteFile(os.Getenv("TEXTS_FILE"), []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
