package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/decision"
)

// compact is a value as JSON on one line, without HTML escapes.
func compact(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// quoted is a text as JSON string, which YAML reads as it is.
func quoted(text string) string {
	data, err := compact(text)
	if err != nil {
		return `""`
	}
	return string(data)
}

// rest is a report without its decisions, which were written before it.
type rest struct {
	Tool     decision.Tool        `json:"tool"`
	AsOf     string               `json:"asOf"`
	Policies decision.Digest      `json:"policies"`
	Catalog  decision.Digest      `json:"catalog"`
	Waivers  []decision.WaiverUse `json:"waivers,omitempty"`
	Change   *decision.CostChange `json:"costChange,omitempty"`
	Errors   []decision.Problem   `json:"errors"`
	Summary  decision.Summary     `json:"summary"`
}

// jsonLines writes a decision a line, each as in the JSON report, and at last a
// line with all else that the report has.
type jsonLines struct {
	printer
	rest rest
}

func newJSONLines(w io.Writer, h decision.Report, _ Options) Writer {
	return &jsonLines{printer{w: w}, rest{Tool: h.Tool, AsOf: h.AsOf, Policies: h.Policies, Catalog: h.Catalog, Errors: list(h.Errors)}}
}

func (j *jsonLines) line(value any) error {
	data, err := compact(value)
	if err != nil {
		return err
	}
	return j.print(string(data) + "\n")
}

func (j *jsonLines) Decision(d decision.Decision) error { return j.line(whole(d)) }

// Waivers sets what became of the waivers, to be listed after the decisions.
func (j *jsonLines) Waivers(uses []decision.WaiverUse) { j.rest.Waivers = uses }

// CostChange sets what the manifests cost against others.
func (j *jsonLines) CostChange(c *decision.CostChange) { j.rest.Change = c }

func (j *jsonLines) Problem(p decision.Problem) { j.rest.Errors = append(j.rest.Errors, p) }
func (j *jsonLines) Close(s decision.Summary) error {
	j.rest.Summary = s
	return j.line(j.rest)
}

// yamlReport writes the JSON report as YAML, decision by decision.
type yamlReport struct {
	printer
	header   decision.Report
	problems []decision.Problem
	waivers  []decision.WaiverUse
	change   *decision.CostChange
	started  bool
	listed   bool
}

// Waivers sets what became of the waivers, to be listed after the decisions.
func (y *yamlReport) Waivers(uses []decision.WaiverUse) { y.waivers = uses }

// CostChange sets what the manifests cost against others.
func (y *yamlReport) CostChange(c *decision.CostChange) { y.change = c }

func newYAML(w io.Writer, header decision.Report, _ Options) Writer {
	return &yamlReport{printer: printer{w: w}, header: header, problems: list(header.Errors)}
}

func (y *yamlReport) start() {
	if y.started {
		return
	}
	y.started = true
	y.put(map[string]any{"tool": y.header.Tool}, map[string]any{"asOf": y.header.AsOf}, map[string]any{"policies": y.header.Policies}, map[string]any{"catalog": y.header.Catalog})
}

// put writes values one after the other, as mappings and lists at the margin.
func (y *yamlReport) put(values ...any) error {
	for _, value := range values {
		text, err := yamlText(value)
		if err != nil {
			y.err = errors.Join(y.err, err)
			return y.err
		}
		y.print(text)
	}
	return y.err
}

func (y *yamlReport) Decision(d decision.Decision) error {
	y.start()
	if !y.listed {
		y.listed = true
		y.print("decisions:\n")
	}
	return y.put([]any{whole(d)})
}

func (y *yamlReport) Problem(p decision.Problem) { y.problems = append(y.problems, p) }

func (y *yamlReport) Close(s decision.Summary) error {
	y.start()
	if !y.listed {
		y.print("decisions: []\n")
	}
	if y.waivers != nil {
		if err := y.put(map[string]any{"waivers": y.waivers}); err != nil {
			return err
		}
	}
	if y.change != nil {
		if err := y.put(map[string]any{"costChange": y.change}); err != nil {
			return err
		}
	}
	return y.put(map[string]any{"errors": y.problems}, map[string]any{"summary": s})
}

// yamlText is a value, with the names and the order that its JSON has, in block
// style.
func yamlText(value any) (string, error) {
	data, err := compact(value)
	if err != nil {
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	node, err := yamlNode(decoder)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(node), encoder.Close()); err != nil {
		return "", err
	}
	return out.String(), nil
}

// yamlNode reads one JSON value as a YAML node.
func yamlNode(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if token == '[' {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		for decoder.More() {
			item, err := yamlNode(decoder)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, item)
		}
		if len(node.Content) == 0 {
			node.Style = yaml.FlowStyle
		}
		_, err := decoder.Token()
		return node, err
	case string:
		node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: token}
		if !plainWord(token) {
			node.Style = yaml.DoubleQuotedStyle
		}
		return node, nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(token.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: token.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(token)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

// plainWord reports whether a text is a string to every YAML reader without
// quotes, those of YAML 1.1 included, to which `no` is false and 1:30 is 90.
func plainWord(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	for i, r := range text {
		if i == 0 && r != '/' && (r > unicode.MaxASCII || !unicode.IsLetter(r)) || !unicode.IsPrint(r) {
			return false
		}
	}
	return text != ""
}
