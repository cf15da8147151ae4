package waiver_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/waiver"
)

const today = "2026-11-23"

// words know two controls, of which one can be waived, and one vendor.
var words = waiver.Words{
	Control: func(id string) string {
		switch id {
		case "sso":
			return ""
		case "baa":
			return "control baa cannot be waived"
		}
		return fmt.Sprintf("there is no control %q", id)
	},
	Vendor: func(name string) (string, string) {
		if name == "acme" || name == "acme-gpu" {
			return "acme", ""
		}
		return "", fmt.Sprintf("vendor %q is not in the catalog", name)
	},
}

// write is a waiver of sso for notes, with lines of its spec in place of those.
func write(name string, changes ...string) string {
	values := map[string]string{
		"control": "sso", "workloads": "[notes]", "vendor": "", "owner": "clinic", "approver": "ciso", "reason": "a pilot", "ticket": "S-1",
		"from": "2026-11-01", "until": "2027-03-01",
	}
	for _, change := range changes {
		key, value, _ := strings.Cut(change, ": ")
		values[key] = value
	}
	text := "---\napiVersion: caveat/v1\nkind: Waiver\nmetadata: {name: " + name + "}\nspec:\n"
	for _, key := range []string{"control", "workloads", "vendor", "owner", "approver", "reason", "ticket", "from", "until"} {
		if values[key] != "" {
			text += "  " + key + ": " + values[key] + "\n"
		}
	}
	return text
}

type failer interface {
	Helper()
	Fatal(...any)
}

func read(t failer, documents ...string) *waiver.Set {
	t.Helper()
	loader, err := load.New(strings.NewReader(strings.Join(documents, "")))
	if err != nil {
		t.Fatal(err)
	}
	docs, problems := loader.File(context.Background(), "-")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var list []waiver.Waiver
	for _, doc := range docs {
		list = append(list, waiver.Read(doc, words))
	}
	return waiver.New(list, today)
}

var notes = waiver.Case{Control: "sso", Workload: "notes", Vendor: "acme", MaxDays: 180}

func TestStandings(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []string
		want    decision.Standing
		message string
		line    int
	}{
		{name: "named", want: decision.Used, message: "in force until 2027-03-01"},
		{name: "glob", changes: []string{`workloads: ["not*"]`}, want: decision.Used},
		{name: "one of several", changes: []string{`workloads: [chat, notes]`}, want: decision.Used},
		{name: "vendor", changes: []string{"vendor: acme"}, want: decision.Used},
		{name: "alias of the vendor", changes: []string{"vendor: acme-gpu"}, want: decision.Used},
		{name: "first day", changes: []string{"from: 2026-11-23"}, want: decision.Used},
		{name: "last day", changes: []string{"until: 2026-11-23"}, want: decision.Used, message: "ends today"},
		{name: "next to last day", changes: []string{"until: 2026-11-24"}, want: decision.Used, message: "ends tomorrow; "},
		{name: "one day", changes: []string{"from: 2026-11-23", "until: 2026-11-23"}, want: decision.Used},
		{name: "soon", changes: []string{"until: 2026-12-23"}, want: decision.Used, message: "ends in 30 days, on 2026-12-23"},
		{name: "not soon", changes: []string{"until: 2026-12-24"}, want: decision.Used, message: "in force until 2026-12-24"},
		{name: "longest", changes: []string{"from: 2026-11-23", "until: 2027-05-21"}, want: decision.Used},
		{name: "too long", changes: []string{"from: 2026-11-23", "until: 2027-05-22"}, want: decision.Refused, message: "for notes it lasts 181 days from 2026-11-23; at most 180"},
		{name: "expired", changes: []string{"until: 2026-11-22"}, want: decision.Expired, message: "it ended on 2026-11-22"},
		{name: "not yet", changes: []string{"from: 2026-11-24"}, want: decision.NotYet, message: "it begins on 2026-11-24"},
		{name: "other workload", changes: []string{"workloads: [note]"}, want: decision.Unused, message: "it matches no workload of this run"},
		{name: "everything", changes: []string{`workloads: ["*"]`}, want: decision.OverBroad, message: `"*" matches too many workloads`, line: 7},
		{name: "everything by a class", changes: []string{`workloads: ["[a-z]?*"]`}, want: decision.OverBroad},
		{name: "everything beside a name", changes: []string{`workloads: [notes, "**"]`}, want: decision.OverBroad},
		{name: "too little of a name", changes: []string{`workloads: ["no*"]`}, want: decision.OverBroad, message: `"no*" matches too many workloads; expected names, or a glob with at least 3 letters`},
		{name: "letters here and there", changes: []string{`workloads: ["*n*o*t*e*"]`}, want: decision.OverBroad},
		{name: "letters apart", changes: []string{`workloads: ["no?es*"]`}, want: decision.OverBroad},
		{name: "letters in a row, behind a mark", changes: []string{`workloads: ["*n*otes"]`}, want: decision.Used},
		{name: "letters in a row, across a hyphen", changes: []string{`workloads: ["n-o-t-*"]`}, want: decision.Unused},
		{name: "marks are no letters", changes: []string{`workloads: ["no*-_.*"]`}, want: decision.OverBroad},
		{name: "a class is no letter", changes: []string{`workloads: ["no[t][e]*"]`}, want: decision.OverBroad},
		{name: "an escaped bracket ends no class", changes: []string{`workloads: ['[\]a-z0-9]*']`}, want: decision.OverBroad},
		{name: "an escaped letter is one", changes: []string{`workloads: ['\n\ot*']`}, want: decision.Used},
		{name: "an escaped mark is none", changes: []string{`workloads: ['no\[t*']`}, want: decision.Unused},
		{name: "and does not count", changes: []string{`workloads: ['no\[*']`}, want: decision.OverBroad},
		{name: "a letter escaped in a class is none", changes: []string{`workloads: ['[\n\o\t]*']`}, want: decision.OverBroad},
		{name: "short, and no glob", changes: []string{"workloads: [no, notes]"}, want: decision.Used},
		{name: "no glob", changes: []string{`workloads: ["notes["]`}, want: decision.Refused, message: `"notes[" is not a valid glob`, line: 7},
		{name: "cannot be waived", changes: []string{"control: baa"}, want: decision.Refused, message: "control baa cannot be waived", line: 6},
		{name: "no such control", changes: []string{"control: ssso"}, want: decision.Refused, message: `there is no control "ssso"`, line: 6},
		{name: "no such vendor", changes: []string{"vendor: acne"}, want: decision.Refused, message: `vendor "acne" is not in the catalog`, line: 8},
		{name: "approved by the owner in other letters", changes: []string{"owner: José  Ruiz", "approver: \"Jose\\u0301\\u00a0Ruiz\\u200b\""}, want: decision.Refused, message: "approves what they own", line: 9},
		{name: "approved by the owner by a handle", changes: []string{`approver: "@clinic"`}, want: decision.Refused, message: "approves what they own"},
		{name: "an approver whom nobody sees", changes: []string{`approver: "\u200b"`}, want: decision.Refused, message: "nobody can read the approver"},
		{name: "an owner whom nobody sees", changes: []string{`owner: "\u2060"`}, want: decision.Refused, message: "nobody can read the owner", line: 8},
		{name: "approved by the owner", changes: []string{"approver: Clinic "}, want: decision.Refused, message: "Clinic approves what they own", line: 9},
		{name: "ends before it begins", changes: []string{"from: 2026-12-01", "until: 2026-11-30"}, want: decision.Refused, message: "it ends on 2026-11-30, before it begins", line: 13},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := read(t, write("w", c.changes...))
			found := s.Holds(notes)
			if (found != nil) != (c.want == decision.Used) {
				t.Errorf("got %v, want standing %v", found, c.want)
			}
			seen := waiver.Seen{Case: notes, Findings: []decision.Finding{{Control: "sso", Waiver: found}}}
			uses := s.Uses([]waiver.Seen{seen}, 180)
			if len(uses) != 1 {
				t.Fatalf("got %v, want one", uses)
			}
			use := uses[0]
			if use.Status != c.want || !strings.Contains(use.Message, c.message) {
				t.Errorf("got %v %q, want %v %q", use.Status, use.Message, c.want, c.message)
			}
			if soon := strings.HasPrefix(use.Message, "ends "); use.Expiring != soon {
				t.Errorf("got expiring %v beside %q", use.Expiring, use.Message)
			}
			if c.line > 0 && use.Line != c.line {
				t.Errorf("got line %d, want %d", use.Line, c.line)
			}
		})
	}
}

// A waiver is for its vendor; without one, for any.
func TestVendor(t *testing.T) {
	other := notes
	other.Vendor = "globex"
	if got := read(t, write("w", "vendor: acme")).Holds(other); got != nil {
		t.Errorf("got %v for another vendor", got)
	}
	if read(t, write("w")).Holds(other) == nil {
		t.Error("got nothing without a vendor")
	}
	uses := read(t, write("w", "vendor: acme")).Uses([]waiver.Seen{{Case: other}}, 180)
	if want := "it is for acme, and notes runs on globex; remove it or correct its vendor"; uses[0].Status != decision.Unused || uses[0].Message != want {
		t.Errorf("got %v, want %q", uses, want)
	}
}

// A waiver is for its control, its workloads and its vendor, and no others.
func TestOnlyItsOwn(t *testing.T) {
	s := read(t, write("w", "vendor: acme", `workloads: [notes, "chat-*"]`))
	for name, c := range map[string]struct {
		change func(*waiver.Case)
		holds  bool
	}{
		"its own":               {func(*waiver.Case) {}, true},
		"another of its own":    {func(c *waiver.Case) { c.Workload = "chat-eu" }, true},
		"another control":       {func(c *waiver.Case) { c.Control = "uptime" }, false},
		"no control":            {func(c *waiver.Case) { c.Control = "" }, false},
		"another workload":      {func(c *waiver.Case) { c.Workload = "note" }, false},
		"in another case":       {func(c *waiver.Case) { c.Workload = "Notes" }, false},
		"more than the name":    {func(c *waiver.Case) { c.Workload = "notes-eu" }, false},
		"before the glob":       {func(c *waiver.Case) { c.Workload = "a-chat-eu" }, false},
		"another vendor":        {func(c *waiver.Case) { c.Vendor = "globex" }, false},
		"no vendor":             {func(c *waiver.Case) { c.Vendor = "" }, false},
		"all of them otherwise": {func(c *waiver.Case) { *c = waiver.Case{Control: "x", Workload: "y", Vendor: "z"} }, false},
	} {
		one := notes
		if c.change(&one); (s.Holds(one) != nil) != c.holds {
			t.Errorf("%s: got %v", name, s.Holds(one))
		}
	}
	var none *waiver.Set
	if none.Holds(notes) != nil || none.Uses([]waiver.Seen{{Case: notes}}, 180) != nil {
		t.Error("no waivers at all waive something")
	}
}

// Of two that waive the same, the first counts and the other is told.
func TestDuplicate(t *testing.T) {
	s := read(t, write("first"), write("second", "vendor: acme"), write("later", "from: 2026-12-01"))
	found := s.Holds(notes)
	if found == nil || found.Name != "first" {
		t.Fatalf("got %v, want first", found)
	}
	var got []string
	for _, use := range s.Uses([]waiver.Seen{{Case: notes, Findings: []decision.Finding{{Waiver: found}}}}, 180) {
		got = append(got, use.Name+" "+use.Status.String())
	}
	if want := "first used, second duplicate, later not-yet"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// What no finding needs is unused; without manifests, it is in force.
func TestUnused(t *testing.T) {
	s := read(t, write("w"))
	if uses := s.Uses([]waiver.Seen{{Case: notes}}, 180); uses[0].Status != decision.Unused || !strings.Contains(uses[0].Message, "needs no waiver") {
		t.Errorf("got %v", uses)
	}
	if uses := s.Uses(nil, 180); uses[0].Status != decision.InForce {
		t.Errorf("got %v", uses)
	}
	if uses := s.Uses(nil, 30); uses[0].Status != decision.Refused {
		t.Errorf("got %v", uses)
	}
	// What waives nothing by itself says why, whatever else was decided.
	elsewhere := waiver.Case{Workload: "chat", Vendor: "acme"}
	if uses := read(t, write("w", "until: 2026-11-22")).Uses([]waiver.Seen{{Case: elsewhere}}, 180); uses[0].Status != decision.Expired {
		t.Errorf("got %v", uses)
	}
	// The first workload elsewhere is named.
	second := waiver.Case{Workload: "notes-eu", Vendor: "initech"}
	first := waiver.Case{Workload: "notes", Vendor: "globex"}
	uses := read(t, write("w", "vendor: acme", `workloads: ["notes*"]`)).Uses([]waiver.Seen{{Case: elsewhere}, {Case: first}, {Case: second}}, 180)
	if want := "it is for acme, and notes runs on globex; remove it or correct its vendor"; uses[0].Message != want {
		t.Errorf("got %v, want %q", uses, want)
	}
}

// One waiver may be used for one workload and refused for another, where a
// profile is stricter.
func TestTwoStandings(t *testing.T) {
	s := read(t, write("w", "workloads: [notes, chat]"))
	strict := waiver.Case{Workload: "chat", Vendor: "acme", MaxDays: 30}
	uses := s.Uses([]waiver.Seen{{Case: strict}, {Case: notes, Findings: []decision.Finding{{Waiver: s.Holds(notes)}}}}, 180)
	if len(uses) != 2 || uses[0].Status != decision.Used || uses[1].Status != decision.Refused || !strings.HasPrefix(uses[1].Message, "for chat ") {
		t.Errorf("got %v", uses)
	}
}

// TestHolds holds one function to the promise of the dates: a waiver counts on
// no day outside them, whatever else stands in the set, and taking a waiver
// away makes no other count where none did.
func TestHolds(t *testing.T) {
	day := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("2026-11-%02d", rapid.IntRange(1, 30).Draw(t, "day")) })
	rapid.Check(t, func(t *rapid.T) {
		var documents []string
		for i := range rapid.IntRange(1, 4).Draw(t, "waivers") {
			documents = append(documents, write(fmt.Sprintf("w%d", i),
				"from: "+day.Draw(t, "from"), "until: "+day.Draw(t, "until"),
				"control: "+rapid.SampledFrom([]string{"sso", "baa", "nothing"}).Draw(t, "control"),
				"workloads: "+rapid.SampledFrom([]string{"[notes]", `["*"]`, `["not*"]`, "[chat]"}).Draw(t, "workloads"),
				"approver: "+rapid.SampledFrom([]string{"ciso", "clinic"}).Draw(t, "approver")))
		}
		on := day.Draw(t, "as of")
		s := read(t, documents...).On(on)
		found := s.Holds(notes)
		if found != nil && (found.From > on || found.Until < on || found.Approver == found.Owner) {
			t.Fatalf("%v holds on %s", found, on)
		}
		for i := range s.Waivers() {
			if less := s.Without(i).Holds(notes); found == nil && less != nil {
				t.Fatalf("without waiver %d, %v holds on %s", i, less, on)
			}
		}
	})
}

// Everything that is wrong with a waiver is told, each at its place, and the list
// has it beside what the waiver says.
func TestAllThatIsWrong(t *testing.T) {
	s := read(t, write("first"), write("bad", "control: ssso", "approver: clinic", "workloads: ['*', 'no[']"), write("last", "workloads: [chat]"))
	uses := s.Uses([]waiver.Seen{{Case: notes}}, 180)
	var got []string
	for _, one := range s.List(uses, nil, nil) {
		got = append(got, fmt.Sprintf("%s:%d %s %s", one.Name, one.Line, one.Status, one.Approver))
	}
	want := []string{"first:4 unused ciso", "bad:19 refused clinic", "bad:22 refused clinic", "bad:20 over-broad clinic", "bad:20 refused clinic", "last:30 unused ciso"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What a profile in force does not let be waived is refused there, and only it.
func TestBarred(t *testing.T) {
	s := read(t, write("w"))
	c := notes
	c.Barred = map[string]string{"sso": "house"}
	if got := s.Holds(c); got != nil {
		t.Errorf("got %v of a control that is barred", got)
	}
	if use := s.Uses([]waiver.Seen{{Case: c}}, 180)[0]; use.Status != decision.Refused || use.Message != "for notes profile house does not let control sso be waived; meet it" {
		t.Errorf("got %v", use)
	}
	if c.Barred = map[string]string{"uptime": "house"}; s.Holds(c) == nil {
		t.Error("got nothing where another control is barred")
	}
}

// Without a bound, a waiver may last as long as it says.
func TestNoBound(t *testing.T) {
	c := notes
	c.MaxDays = 0
	if read(t, write("w", "until: 2036-11-01")).Holds(c) == nil {
		t.Error("got nothing where no profile says how long a waiver may last")
	}
}

// What is listed has the severity and the worth of its own waiver, by its place,
// and only one that is used has any.
func TestListed(t *testing.T) {
	s := read(t, write("one", "workloads: [chat]"), write("two", "until: 2026-11-24"), write("gone", "until: 2026-11-20"))
	uses := s.Uses([]waiver.Seen{{Case: notes, Findings: []decision.Finding{{}, {Waiver: s.Holds(notes)}}}}, 180)
	severity, worth := map[int]string{0: "low", 1: "high", 2: "critical"}, map[int][]waiver.Worth{0: {{Currency: "EUR"}}, 1: {{Currency: "USD"}, {Currency: "GBP"}}}
	var got []string
	for _, one := range s.List(uses, severity, worth) {
		got = append(got, fmt.Sprintf("%s %s %q %d %v %d", one.Name, one.Status, one.Severity, len(one.Worth), one.Expiring, one.DaysLeft))
	}
	want := []string{`one unused "" 0 false 98`, `two used "high" 2 true 1`, `gone expired "" 0 false -3`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.List([]decision.WaiverUse{{Path: "elsewhere"}}, nil, nil); len(got) != 0 {
		t.Errorf("got %v of a waiver that is not in the set", got)
	}
}

// A waiver is known by its file, its line and its column.
func TestPlaces(t *testing.T) {
	one := read(t, write("w")).Waivers()[0]
	for name, move := range map[string]func(*waiver.Waiver){
		"file": func(w *waiver.Waiver) { w.Path += "x" }, "line": func(w *waiver.Waiver) { w.Line++ }, "column": func(w *waiver.Waiver) { w.Column++ },
	} {
		other := one
		move(&other)
		s := waiver.New([]waiver.Waiver{one, other}, today)
		if !s.Is(0, one.Waiver) || !s.Is(1, other.Waiver) || s.Is(0, other.Waiver) || s.Is(1, one.Waiver) {
			t.Errorf("another %s: is taken for the same", name)
		}
		uses := s.Uses([]waiver.Seen{{Case: notes, Findings: []decision.Finding{{Waiver: &other.Waiver}}}}, 180)
		if len(uses) != 2 || uses[0].Status != decision.Unused || uses[1].Status != decision.Duplicate {
			t.Errorf("another %s: got %v", name, uses)
		}
		for i, listed := range s.List(uses, nil, nil) {
			if listed.Path != uses[i].Path || listed.Line != uses[i].Line || listed.Column != uses[i].Column || listed.Owner == "" {
				t.Errorf("another %s: got %v", name, listed)
			}
		}
	}
}

// Waivers of two files may stand at the same line.
func TestTwoFiles(t *testing.T) {
	one, two := read(t, write("a")).Waivers()[0], read(t, write("b")).Waivers()[0]
	one.Path, two.Path = "a.yaml", "b.yaml"
	s := waiver.New([]waiver.Waiver{two, one}, today)
	found := s.Holds(notes)
	if found == nil || found.Path != "a.yaml" || !s.Is(0, *found) || s.Is(1, *found) {
		t.Fatalf("got %v, want that of a.yaml", found)
	}
	uses := s.Uses([]waiver.Seen{{Case: notes, Findings: []decision.Finding{{Waiver: &two.Waiver}}}}, 180)
	if uses[0].Status != decision.Unused {
		t.Errorf("got %v for the first, which waives nothing here", uses[0])
	}
}
