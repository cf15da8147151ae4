package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestGenerated holds the schemas and vocabulary.json to vocabulary.yaml: go
// generate ./schemas changes nothing.
func TestGenerated(t *testing.T) {
	const source = "../.."
	schemas, err := filepath.Glob(filepath.Join(source, "*.schema.json"))
	if err != nil || len(schemas) < 5 {
		t.Fatalf("got %v, %v", schemas, err)
	}
	dir := t.TempDir()
	files := append(schemas, filepath.Join(source, "vocabulary.yaml"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(source, "vocabulary.json")) {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the vocabulary gives; run go generate ./schemas", filepath.Base(file))
		}
	}
}

// TestEnums compares the enums with the vocabulary without the generator, and
// holds that each definition named for a section has one.
func TestEnums(t *testing.T) {
	data, err := os.ReadFile("../../vocabulary.json")
	if err != nil {
		t.Fatal(err)
	}
	var vocabulary map[string]map[string]any
	if err := json.Unmarshal(data, &vocabulary); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, name := range []string{"workload", "vendor", "account", "profile"} {
		data, err := os.ReadFile(filepath.Join("../..", name+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		// Some definitions have enums of other things than words.
		var raw struct {
			Defs map[string]json.RawMessage `json:"$defs"`
		}
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatal(err)
		}
		for def, section := range enums {
			part, ok := raw.Defs[def]
			if !ok {
				continue
			}
			found[def]++
			var one struct {
				Enum []string `json:"enum"`
			}
			if err := json.Unmarshal(part, &one); err != nil {
				t.Fatalf("%s: %s: %v", name, def, err)
			}
			var want []string
			for word := range vocabulary[section] {
				want = append(want, word)
			}
			slices.Sort(want)
			if !slices.Equal(one.Enum, want) {
				t.Errorf("%s: %s: got %v, want %v", name, def, one.Enum, want)
			}
		}
	}
	for def := range enums {
		if found[def] == 0 {
			t.Errorf("no schema has %s", def)
		}
	}
}

// TestEncodeKeepsJSON holds that rewriting a schema changes no value.
func TestEncodeKeepsJSON(t *testing.T) {
	dir := t.TempDir()
	const schema = `{"b": [1, 2.50, true, null, "é \" <&>"], "a": {}, "c": [[], {"x": []}, {"y": "no"}], "$defs": {"packaging": {"enum": ["old"]}}}`
	path := filepath.Join(dir, "x.schema.json")
	if err := os.WriteFile(path, []byte(schema), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := fill(path, map[string]map[string]any{"packaging": {"on": nil, "vm": nil, "1": nil}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "b": [1, 2.50, true, null, "é \" <&>"],
 "a": {},
 "c": [
  [],
  {
   "x": []
  },
  {
   "y": "no"
  }
 ],
 "$defs": {
  "packaging": {
   "enum": ["1", "on", "vm"]
  }
 }
}
`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if fill(path, nil) == nil || run(filepath.Join(dir, "none")) == nil {
		t.Error("got no error of a broken schema or a missing vocabulary")
	}
}
