package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGenerated holds pack.json and docs/controls.md to their sources: go
// generate ./policies changes nothing.
func TestGenerated(t *testing.T) {
	to := filepath.Join(t.TempDir(), "policies")
	for _, dir := range []string{to, filepath.Join(to, "..", "docs")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := run("../..", to); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"pack.json", "../docs/controls.md"} {
		got, err := os.ReadFile(filepath.Join(to, path))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("../..", path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what policies/ gives; run go generate ./policies", path)
		}
	}
}
