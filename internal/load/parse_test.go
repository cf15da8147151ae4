package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/document"
)

// one parses a file that holds one value.
func one(t testing.TB, path, text string) *document.Node {
	t.Helper()
	roots, problems := parse(path, []byte(text))
	if len(roots) != 1 || len(problems) != 0 {
		t.Fatalf("%q: got %d documents, %v", text, len(roots), problems)
	}
	return roots[0]
}

func TestScalars(t *testing.T) {
	n := func(digits string) json.Number { return json.Number(digits) }
	for name, c := range map[string]struct {
		text string
		want any
	}{
		"no is a word":                   {"no", "no"},
		"NO is a word":                   {"NO", "NO"},
		"yes is a word":                  {"yes", "yes"},
		"on is a word":                   {"on", "on"},
		"off is a word":                  {"off", "off"},
		"y is a word":                    {"y", "y"},
		"n is a word":                    {"n", "n"},
		"true":                           {"true", true},
		"True":                           {"True", true},
		"TRUE":                           {"TRUE", true},
		"tRUE is a word":                 {"tRUE", "tRUE"},
		"false":                          {"false", false},
		"False":                          {"False", false},
		"FALSE":                          {"FALSE", false},
		"quoted true":                    {`"true"`, "true"},
		"single-quoted false":            {"'false'", "false"},
		"null":                           {"null", nil},
		"Null":                           {"Null", nil},
		"NULL":                           {"NULL", nil},
		"tilde":                          {"~", nil},
		"nothing":                        {"", nil},
		"none is a word":                 {"none", "none"},
		"nil is a word":                  {"nil", "nil"},
		"nUll is a word":                 {"nUll", "nUll"},
		"quoted nothing":                 {`""`, ""},
		"date":                           {"2026-11-23", "2026-11-23"},
		"date and time":                  {"2026-11-23T01:02:03Z", "2026-11-23T01:02:03Z"},
		"time is not base 60":            {"12:30:45", "12:30:45"},
		"port mapping is not base 60":    {"22:22", "22:22"},
		"zero":                           {"0", n("0")},
		"whole number":                   {"40", n("40")},
		"leading zero is decimal":        {"012", n("12")},
		"leading zeros":                  {"007.50", n("7.50")},
		"old octal digits":               {"0777", n("777")},
		"eight after zero":               {"08", n("8")},
		"plus":                           {"+5", n("5")},
		"minus":                          {"-5", n("-5")},
		"minus zero":                     {"-0", n("-0")},
		"octal":                          {"0o17", n("15")},
		"octal with a wrong digit":       {"0o18", "0o18"},
		"hexadecimal":                    {"0x1F", n("31")},
		"hexadecimal, lower case":        {"0xff", n("255")},
		"hexadecimal with a sign":        {"-0x1F", "-0x1F"},
		"binary is a word":               {"0b101", "0b101"},
		"underscores are a word":         {"1_000", "1_000"},
		"thousands are a word":           {"1,000", "1,000"},
		"exponent":                       {"1e3", n("1e3")},
		"exponent with signs":            {"-1.5E+3", n("-1.5E+3")},
		"no whole part":                  {".5", n("0.5")},
		"no whole part, minus":           {"-.5", n("-0.5")},
		"no fraction":                    {"5.", n("5.0")},
		"no fraction, exponent":          {"5.e2", n("5.0e2")},
		"digits are kept":                {"1.10", n("1.10")},
		"price keeps its digits":         {"0.001097", n("0.001097")},
		"version is a word":              {"1.10.0", "1.10.0"},
		"quoted version":                 {`"1.10"`, "1.10"},
		"dot":                            {".", "."},
		"plus alone":                     {"+", "+"},
		"minus alone in quotes":          {"'-'", "-"},
		"e alone":                        {"1e", "1e"},
		"inf without its dot is a word":  {"inf", "inf"},
		"nan without its dot is a word":  {"nan", "nan"},
		".infinity is a word":            {".infinity", ".infinity"},
		"str tag":                        {"!!str 5", "5"},
		"double quotes with escapes":     {`"a\u00e9\n\x41"`, "aé\nA"},
		"surrogate pair in YAML as text": {`"\U0001F600"`, "😀"},
		"literal block":                  {"|\n    1\n    2\n", "1\n2\n"},
		"folded block":                   {">-\n    true\n", "true"},
		"plain over two lines":           {"a\n    b", "a b"},
		"trailing comment":               {"5 # five", n("5")},
		"hash inside a word":             {"a#b", "a#b"},
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, "w.yaml", "v: "+c.text+"\n").Field("v").Value
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: got %#v, want %#v", c.text, got, c.want)
			}
			if number, ok := got.(json.Number); ok {
				if _, err := json.Marshal(number); err != nil {
					t.Errorf("%s: %q is not a number of JSON: %v", c.text, number, err)
				}
			}
		})
	}
}

// TestScalarsInFlow shows that a list in brackets reads words as a line does.
func TestScalarsInFlow(t *testing.T) {
	got := one(t, "w.yaml", "[no, on, True, 012, 0x1F, .5, 1.10, ~, 2026-11-23, '5', !!str 6, ]").Plain()
	want := []any{"no", "on", true, json.Number("12"), json.Number("31"), json.Number("0.5"), json.Number("1.10"), nil, "2026-11-23", "5", "6"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

func TestJSONValues(t *testing.T) {
	n := func(digits string) json.Number { return json.Number(digits) }
	for name, c := range map[string]struct {
		text string
		want any
	}{
		"surrogate pair":           {`"\ud83d\ude00"`, "😀"},
		"character as it is":       {`"😀é"`, "😀é"},
		"lone surrogate":           {`"\ud83d"`, "\ufffd"},
		"escaped slash":            {`"a\/b"`, "a/b"},
		"escaped nul":              {`"\u0000"`, "\x00"},
		"digits are kept":          {"1.10", n("1.10")},
		"exponent":                 {"1E-3", n("1E-3")},
		"more digits than a float": {"0.1000000000000000055511151231257827", n("0.1000000000000000055511151231257827")},
		"whole number":             {"9007199254740.0", nil},
		"true":                     {"true", true},
		"null":                     {"null", nil},
		"words":                    {`"no"`, "no"},
		"empty list":               {"[]", []any{}},
		"empty object":             {"{}", map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "whole number" {
				if _, problems := parse("w.json", []byte("["+c.text+"]")); len(problems) != 1 {
					t.Errorf("%s is more than documents may say: got %v", c.text, problems)
				}
				return
			}
			root := one(t, "w.json", `{"v": `+c.text+`}`)
			if got := root.Field("v").Plain(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: got %#v, want %#v", c.text, got, c.want)
			}
		})
	}
}

// places lists where each value of a document stands, keys too.
func places(node *document.Node, at string, list *[]string) {
	*list = append(*list, fmt.Sprintf("%s %d:%d", at, node.Line, node.Column))
	for _, key := range node.Keys {
		*list = append(*list, fmt.Sprintf("%s.%s %d:%d", at, key.Name, key.Line, key.Column))
		places(node.Fields[key.Name], at+"/"+key.Name, list)
	}
	for i, item := range node.Items {
		places(item, fmt.Sprintf("%s/%d", at, i), list)
	}
}

func TestPlaces(t *testing.T) {
	const block = "a: 1\nbé:\n  - x\n  - {c: 'd', e: [f]}\n"
	const braces = "{\"a\": 1,\n \"é\": [\"x\",\n\t{\"😀\" : 2 , \"c\":{}}]}\n"
	blockPlaces := []string{" 1:1", ".a 1:1", "/a 1:4", ".bé 2:1", "/bé 3:3", "/bé/0 3:5", "/bé/1 4:5", "/bé/1.c 4:6", "/bé/1/c 4:9", "/bé/1.e 4:14", "/bé/1/e 4:17", "/bé/1/e/0 4:18"}
	bracePlaces := []string{" 1:1", ".a 1:2", "/a 1:7", ".é 2:2", "/é 2:7", "/é/0 2:8", "/é/1 3:2", "/é/1.😀 3:3", "/é/1/😀 3:9", "/é/1.c 3:13", "/é/1/c 3:17"}
	crlf := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	for name, c := range map[string]struct {
		path, text string
		want       []string
	}{
		"YAML":                          {"w.yaml", block, blockPlaces},
		"YAML with a byte order mark":   {"w.yaml", "\xef\xbb\xbf" + block, blockPlaces},
		"YAML with CRLF":                {"w.yaml", crlf(block), blockPlaces},
		"YAML as .yml":                  {"w.yml", block, blockPlaces},
		"YAML from standard input":      {"-", block, blockPlaces},
		"JSON":                          {"w.json", braces, bracePlaces},
		"JSON with a byte order mark":   {"w.json", "\xef\xbb\xbf" + braces, bracePlaces},
		"JSON with CRLF":                {"w.json", crlf(braces), bracePlaces},
		"JSON in a file called .yaml":   {"w.yaml", braces, bracePlaces},
		"JSON from standard input":      {"-", braces, bracePlaces},
		"JSON after empty lines":        {"-", "\n\n" + braces, nil},
		"YAML after a directive":        {"w.yaml", "%YAML 1.2\n---\n" + block, nil},
		"flow YAML that is not JSON":    {"w.yaml", "{a: 1, bé: [x]}\n", []string{" 1:1", ".a 1:2", "/a 1:5", ".bé 1:8", "/bé 1:12", "/bé/0 1:13"}},
		"a value behind an anchor":      {"w.yaml", "a: &x [1]\nb: *x\n", []string{" 1:1", ".a 1:1", "/a 1:4", "/a/0 1:8", ".b 2:1", "/b 1:4", "/b/0 1:8"}},
		"JSON without any space at all": {"w.json", `{"a":[1,2]}`, []string{" 1:1", ".a 1:2", "/a 1:6", "/a/0 1:7", "/a/1 1:9"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			places(one(t, c.path, c.text), "", &got)
			if c.want == nil {
				if got[0] != " 3:1" {
					t.Errorf("got %s, want 3:1", got[0])
				}
				return
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestBounds holds that no input makes loading slow or large: what grows
// without bound is one problem, and no document.
func TestBounds(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'l'; c++ {
		laughs += fmt.Sprintf("%[1]c: &%[1]c [*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c,*%[2]c]\n", c, c-1)
	}
	block := ""
	for i := range 150 {
		block += strings.Repeat(" ", i) + "a:\n"
	}
	const head = "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w}\nspec:\n  data: {classes: [internal]}\n"
	for name, c := range map[string]struct {
		path, text, want string
	}{
		"a billion laughs":            {"w.yaml", laughs, "w.yaml:1:14: document is too large once anchors are expanded"},
		"an alias inside itself":      {"w.yaml", "kind: &a {b: *a}\n", "w.yaml:1:7: document is too large once anchors are expanded"},
		"an alias that is twice it":   {"w.yaml", "kind: &a [*a, *a]\n", "w.yaml:1:7: document is too large once anchors are expanded"},
		"deep brackets":               {"w.yaml", strings.Repeat("[", 101) + strings.Repeat("]", 101), ""},
		"deeper brackets":             {"w.yaml", strings.Repeat("[", 102) + strings.Repeat("]", 102), "w.yaml:1:102: document is too large"},
		"very deep brackets":          {"w.yaml", strings.Repeat("[", 200_000), "w.yaml:1:1: not YAML: exceeded max depth"},
		"very deep braces":            {"w.yaml", strings.Repeat("{a: ", 200_000), "not YAML: exceeded max depth"},
		"deep blocks":                 {"w.yaml", block, "w.yaml:102:102: document is too large"},
		"deep JSON":                   {"w.json", strings.Repeat("[", 101) + strings.Repeat("]", 101), ""},
		"deeper JSON":                 {"w.json", strings.Repeat("[", 102) + strings.Repeat("]", 102), "w.json:1:102: document is too large"},
		"very deep JSON":              {"w.json", strings.Repeat(`{"a":`, 200_000), "document is too large"},
		"wide JSON":                   {"w.json", "[" + strings.Repeat("0,", 600_000) + "0]", "document is too large; at most 500000 values"},
		"a long key":                  {"w.yaml", head + "  " + strings.Repeat("x", 1000) + ": 1\n", `unknown key "` + strings.Repeat("x", 57) + `..."`},
		"a very long key in JSON":     {"w.json", `{"kind":"Workload","` + strings.Repeat("é", 1<<20) + `":1}`, `unknown key "` + strings.Repeat("é", 57) + `..."`},
		"a very long word":            {"w.json", `{"kind":"` + strings.Repeat("Workload", 1<<17) + `"}`, `kind is "` + strings.Repeat("Workload", 7) + `W..."; expected one of Account, Profile, Vendor, Waiver, Workload`},
		"a very long data class":      {"w.yaml", strings.Replace(head, "internal", strings.Repeat("x", 1<<20), 1), `spec.data.classes[0] is "xxx`},
		"a very long tag":             {"w.yaml", head + "  stage: !" + strings.Repeat("x", 1<<20) + " select\n", "tag !xxx"},
		"a number of many digits":     {"w.yaml", head + "  resources: {cpu: " + strings.Repeat("9", 100_000) + "}\n", "number 999"},
		"a fraction of many digits":   {"w.yaml", head + "  resources: {cpu: 0." + strings.Repeat("1", 63) + "}\n", "number 0.1"},
		"a fraction of enough digits": {"w.yaml", "[0." + strings.Repeat("1", 62) + "]", ""},
		"a large exponent":            {"w.yaml", "[1e100]", "number 1e100 is out of range"},
		"a small exponent":            {"w.yaml", "[1e-100]", "number 1e-100 is out of range"},
		"the largest number":          {"w.yaml", "[1000000000000, -1e12, 0xE8D4A51000]", ""},
		"one more":                    {"w.yaml", "[1000000000001]", "number 1000000000001 is out of range"},
		"one more in hexadecimal":     {"w.yaml", "[0xE8D4A51001]", "number 0xE8D4A51001 is out of range"},
		"one less than the least":     {"w.json", "[-1000000000001]", "number -1000000000001 is out of range"},
		"too large for any machine":   {"w.json", `{"kind": 1e999999999999999999999}`, "number 1e999999999999999999999 is out of range"},
		"more than the bytes allowed": {"w.yaml", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := loader(t)
			if name == "more than the bytes allowed" {
				l, err := New(bytes.NewReader(make([]byte, maxBytes+1)))
				if err != nil {
					t.Fatal(err)
				}
				documents, problems := l.File(t.Context(), "-")
				if len(documents) != 0 || len(problems) != 1 || !strings.Contains(problems[0].Message, "larger than 16 MiB") {
					t.Errorf("got %d documents, %v", len(documents), problems)
				}
				return
			}
			if c.want == "" {
				if _, problems := parse(c.path, []byte(c.text)); len(problems) != 0 {
					t.Errorf("got %v", problems)
				}
				return
			}
			documents, problems := l.Bytes(c.path, []byte(c.text))
			if len(documents) != 0 || len(problems) == 0 || len(problems) > 4 {
				t.Fatalf("got %d documents, %d problems", len(documents), len(problems))
			}
			found := false
			for _, problem := range problems {
				found = found || strings.Contains(problem.Error(), c.want)
				if len(problem.Error()) > 1000 {
					t.Errorf("got a message of %d bytes", len(problem.Error()))
				}
			}
			if !found {
				t.Errorf("got %v, want %s", problems, c.want)
			}
		})
	}
}

// TestNotText holds that bytes which are not text are a problem with its place.
func TestNotText(t *testing.T) {
	for name, c := range map[string]struct{ path, text, want string }{
		"not UTF-8 in YAML":        {"w.yaml", "kind: é\nmetadata: {name: \"é\xff\"}\n", "w.yaml:2:20: not UTF-8; expected text in UTF-8; save the file in that encoding"},
		"not UTF-8 in JSON":        {"w.json", "{\"kind\":\n \"é\xff\"}", "w.json:2:4: not UTF-8; expected text in UTF-8; save the file in that encoding"},
		"control character":        {"w.yaml", "kind: é\nmetadata: \x01\n", "w.yaml:2:11: not YAML: control characters are not allowed"},
		"control character, JSON":  {"w.json", "{\"kind\": \"\x01\"}", "w.json:1:11: not JSON: invalid character '\\x01' in string literal"},
		"nul":                      {"w.yaml", "\x00", "w.yaml:1:1: not YAML: control characters are not allowed"},
		"a picture":                {"w.yaml", "\x89PNG\r\n\x1a\n\x00", "w.yaml:1:1: not UTF-8"},
		"a picture called JSON":    {"w.json", "\x89PNG\r\n\x1a\n\x00", "w.json:1:1: not UTF-8"},
		"UTF-16 called JSON":       {"w.json", "\xff\xfe{\x00}\x00", "w.json:1:1: not UTF-8"},
		"half a character, braces": {"w.yaml", "{\"a\": \"\xc3\"}", "w.yaml:1:8: not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			documents, problems := loader(t).Bytes(c.path, []byte(c.text))
			if len(documents) != 0 || len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
				t.Errorf("got %d documents, %v, want %s", len(documents), problems, c.want)
			}
		})
	}
	// YAML may be UTF-16, and says so with its byte order mark.
	if got := one(t, "w.yaml", "\xff\xfea\x00:\x00 \x00n\x00o\x00\n\x00").Field("a").Text(); got != "no" {
		t.Errorf("UTF-16: got %q", got)
	}
}
