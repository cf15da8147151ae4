package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/report"
)

// An output that breaks while it is written leaves what was there, and nothing
// beside it; so does one that cannot be put in place.
func TestBrokenOutput(t *testing.T) {
	for name, breaks := range map[string]func(t *testing.T, s *sink){
		"write": func(_ *testing.T, s *sink) { s.temp.Close() },
		"place": func(t *testing.T, s *sink) {
			s.place = filepath.Join(filepath.Dir(s.place), "folder")
			if err := os.MkdirAll(filepath.Join(s.place, "full"), 0o755); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "report.json")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			sys, _, _ := surroundings(0)
			list, err := openReports(context.Background(), sys, []target{{"json", path}}, decision.Report{}, report.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if info, err := list[0].temp.Stat(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("got %v and %v, want what is to replace a private file to be private", info.Mode(), err)
			}
			breaks(t, list[0])
			if err := list.close(decision.Summary{}); err == nil {
				t.Error("got no error")
			}
			left, err := filepath.Glob(filepath.Join(dir, ".report*"))
			if err != nil || len(left) > 0 {
				t.Errorf("got %v beside it, and %v", left, err)
			}
			if data, err := os.ReadFile(path); string(data) != "old" {
				t.Errorf("got %q and %v, want what was there", data, err)
			}
		})
	}
}
