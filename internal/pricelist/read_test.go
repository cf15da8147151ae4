package pricelist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

const head = "vendor,instance,gpu,count,gpu_mem,vcpu,mem,price,spot_price,region\n"

func dec(s string) *decimal.Decimal {
	d := decimal.RequireFromString(s)
	return &d
}

func num(n int) *int { return &n }

func TestRead(t *testing.T) {
	want := []Row{
		{Line: 2, Vendor: "acme", Instance: "h1", GPU: "H100", Count: num(1), GPUMemory: dec("80"), VCPU: dec("26"), Memory: dec("225.5"), Price: dec("3.290"), Spot: dec("1.5"), Region: "us-east"},
		{Line: 3, Vendor: "acme"},
	}
	plain := head + "acme,h1,H100,1,80,26,225.5,3.290,1.5,us-east\nacme,,,,,,,,,\n"
	for name, text := range map[string]string{
		"as it is":           plain,
		"byte order mark":    "\ufeff" + plain,
		"CRLF":               strings.ReplaceAll(plain, "\n", "\r\n"),
		"no newline at end":  strings.TrimSuffix(plain, "\n"),
		"quoted":             strings.Replace(plain, "H100", `"H100"`, 1),
		"spaces around":      strings.Replace(plain, ",1,80", ", 1 , 80", 1),
		"header in capitals": strings.ToUpper(head) + plain[len(head):],
		"another column":     strings.Replace(strings.Replace(strings.Replace(plain, "region\n", "region,note\n", 1), "us-east\n", "us-east,x\n", 1), ",,,\n", ",,,,\n", 1),
		"another order":      "region,spot_price,price,mem,vcpu,gpu_mem,count,gpu,instance,vendor\nus-east,1.5,3.290,225.5,26,80,1,H100,h1,acme\n,,,,,,,,,acme\n",
	} {
		t.Run(name, func(t *testing.T) {
			list, problems := Read("list.csv", strings.NewReader(text))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if list.Path != "list.csv" || !reflect.DeepEqual(list.Rows, want) {
				t.Errorf("got %+v, want %+v", list.Rows, want)
			}
		})
	}
}

func TestReadProblems(t *testing.T) {
	const rest = "; expected a plain decimal of 0 or more, such as 3.29, or nothing where it is not given"
	row := func(fields ...string) string {
		r := []string{"acme", "h1", "H100", "1", "80", "26", "225", "3.29", "1.5", "us"}
		for i := 0; i < len(fields); i += 2 {
			n, _ := strconv.Atoi(fields[i])
			r[n] = fields[i+1]
		}
		return strings.Join(r, ",") + "\n"
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":              {"", []string{"l.csv: is empty; expected a header with the columns vendor,"}},
		"white space":        {"\ufeff \r\n\n", []string{"l.csv: is empty"}},
		"header alone":       {head, []string{"l.csv: has a header and no rows"}},
		"no header":          {row(), []string{"l.csv:1:1: the header lacks vendor, instance, gpu,"}},
		"missing columns":    {strings.Replace(head, "spot_price,", "", 1) + row(), []string{"l.csv:1:1: the header lacks spot_price; expected the columns"}},
		"column twice":       {strings.Replace(head, "vcpu", "gpu", 1) + row(), []string{`l.csv:1:35: column "gpu" stands twice`, "l.csv:1:1: the header lacks vcpu"}},
		"negative":           {head + row("7", "-1"), []string{`l.csv:2:26: price is "-1"` + rest}},
		"NaN":                {head + row() + row("7", "NaN"), []string{`l.csv:3:26: price is "NaN"` + rest}},
		"infinite":           {head + row("8", "Inf"), []string{`l.csv:2:31: spot_price is "Inf"` + rest}},
		"exponent":           {head + row("7", "1e999999999"), []string{`l.csv:2:26: price is "1e999999999"` + rest}},
		"currency":           {head + row("7", "$3.29"), []string{`l.csv:2:26: price is "$3.29"` + rest}},
		"comma for point":    {head + row("7", `"3,29"`), []string{`l.csv:2:26: price is "3,29"` + rest}},
		"many digits":        {head + row("7", strings.Repeat("9", 65)), []string{"l.csv:2:26: price is"}},
		"count of a half":    {head + row("3", "0.5"), []string{`l.csv:2:14: count is "0.5"; expected a whole number of GPUs`}},
		"count below 0":      {head + row("3", "-1"), []string{`l.csv:2:14: count is "-1"`}},
		"count of millions":  {head + row("3", "99999999"), []string{`l.csv:2:14: count is "99999999"`}},
		"no vendor":          {head + row("0", " "), []string{"l.csv:2:1: the row names no vendor"}},
		"too few":            {head + "acme,h1\n" + row(), []string{"l.csv:2:1: the row has 2 fields and the header 10"}},
		"too many":           {head + strings.TrimSuffix(row(), "\n") + ",x\n", []string{"l.csv:2:1: the row has 11 fields"}},
		"after a blank line": {head + "\n" + row("7", "x"), []string{`l.csv:3:26: price is "x"`}},
		"all of a file":      {head + row("7", "-1", "8", "-2") + "acme\n" + row("4", "x"), []string{"l.csv:2:26: price", "l.csv:2:29: spot_price", "l.csv:3:1: the row has 1 ", `l.csv:4:16: gpu_mem is "x"`}},
		"quote inside":       {head + row("2", `H"100`) + row("7", "-1"), []string{"l.csv:2:10: a quote stands inside"}},
		"open quote":         {head + row("2", `"H100`), []string{"l.csv:2:39: a quoted field does not end"}},
		"not text":           {"\xff\xfev\x00", []string{"l.csv: is not UTF-8 text"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := Read("l.csv", strings.NewReader(c.text))
			if len(problems) != len(c.want) {
				t.Fatalf("got %v, want %d problems", problems, len(c.want))
			}
			for i, want := range c.want {
				if got := problems[i].Error(); !strings.HasPrefix(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestReadBoundsProblems(t *testing.T) {
	_, problems := Read("l.csv", strings.NewReader(head+strings.Repeat("acme,,,,,,,x,,\n", 1000)))
	if len(problems) != maxProblems+1 {
		t.Fatalf("got %d problems, want %d", len(problems), maxProblems+1)
	}
	if got, want := problems[maxProblems].Error(), "l.csv: and 980 more like these"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

func TestReadFault(t *testing.T) {
	if _, problems := Read("l.csv", broken{}); len(problems) != 1 || problems[0].Error() != "l.csv: cannot be read: the disk is gone" {
		t.Errorf("got %v", problems)
	}
}

func TestReadTooLarge(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(head), &repeated{})
	if _, problems := Read("l.csv", endless); len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), "l.csv: larger than 64 MiB") {
		t.Errorf("got %v", problems)
	}
}

// repeated is an endless run of rows.
type repeated struct{}

func (*repeated) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("a\n"), len(p)/2+1)), nil
}

// FuzzRead: a list is read or has problems with places, and what was read reads
// the same again.
func FuzzRead(f *testing.F) {
	seeds := []string{
		head, head + "acme,h1,H100,1,80,26,225.5,3.290,1.5,us-east\n", "\ufeff" + head + "a,,,,,,,1,,\r\n", head + "a,\"b\nc\",,0,,,,.5,,\n",
		head + "a,b\n", "\"", head + "a,b,\"c", "region,spot_price,price,mem,vcpu,gpu_mem,count,gpu,instance,vendor\n,,1,,,,,,,a\n", head + "a,,,,,,,NaN,-1,\n",
	}
	files, err := filepath.Glob("../../../shared/prices/*.csv")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, string(data[:min(len(data), 2000)]))
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, problems := Read("l.csv", bytes.NewReader(data))
		if len(problems) > 0 {
			for _, p := range problems {
				if p.Path != "l.csv" || p.Message == "" || (p.Line == 0) != (p.Column == 0) {
					t.Errorf("got problem %+v", p)
				}
			}
			return
		}
		if len(list.Rows) == 0 {
			t.Fatal("got neither rows nor problems")
		}
		again, problems := Read("l.csv", strings.NewReader(printed(t, list.Rows)))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for i := range again.Rows {
			again.Rows[i].Line = list.Rows[i].Line
		}
		if a, b := printed(t, again.Rows), printed(t, list.Rows); a != b {
			t.Errorf("got %q, want %q", a, b)
		}
	})
}

// printed is rows as CSV.
func printed(t *testing.T, rows []Row) string {
	t.Helper()
	var out strings.Builder
	out.WriteString(head)
	w := csv.NewWriter(&out)
	for _, r := range rows {
		record := []string{r.Vendor, r.Instance, r.GPU, "", "", "", "", "", "", r.Region}
		if r.Count != nil {
			record[3] = fmt.Sprint(*r.Count)
		}
		for i, d := range []*decimal.Decimal{r.GPUMemory, r.VCPU, r.Memory, r.Price, r.Spot} {
			if d != nil {
				record[4+i] = d.String()
			}
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.String()
}
