package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/schemas"
)

// A schema checks documents of one kind and says what is wrong in words.
type schema struct {
	compiled *jsonschema.Schema
	raw      map[string]any
}

func compileSchema(name string) (*schema, error) {
	data, err := schemas.Schema(name)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&raw); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	url := name + ".schema.json"
	if err := compiler.AddResource(url, bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	compiled, err := compiler.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	return &schema{compiled: compiled, raw: raw}, nil
}

// check returns every problem of a document in the order of its lines. Places
// in known have been reported already.
func (s *schema) check(path string, root *document.Node, known map[string]bool) []decision.Problem {
	err := s.compiled.Validate(root.Plain())
	var invalid *jsonschema.ValidationError
	if err == nil {
		return nil
	}
	if !errors.As(err, &invalid) {
		return []decision.Problem{{Path: path, Line: root.Line, Column: root.Column, Message: err.Error()}}
	}
	var problems []decision.Problem
	seen := map[decision.Problem]bool{}
	for _, leaf := range s.leaves(invalid, root) {
		if known[leaf.at] {
			continue
		}
		problem := s.problem(path, root, leaf)
		if !seen[problem] {
			seen[problem] = true
			problems = append(problems, problem)
		}
	}
	sortProblems(problems)
	return problems
}

// A violation is one thing wrong at one place.
type violation struct {
	at      string         // pointer into the document
	keyword string         // schema keyword that refused
	schema  map[string]any // schema that holds the keyword
	message string         // the validator's own words
	wanted  []string       // for anyOf: what each branch expects
}

func (s *schema) leaves(e *jsonschema.ValidationError, root *document.Node) []violation {
	keyword := lastPart(e.KeywordLocation)
	if keyword == "anyOf" {
		return s.branches(e, root)
	}
	if len(e.Causes) == 0 {
		return []violation{{at: e.InstanceLocation, keyword: keyword, schema: s.holder(e.AbsoluteKeywordLocation), message: e.Message}}
	}
	var leaves []violation
	for _, cause := range e.Causes {
		leaves = append(leaves, s.leaves(cause, root)...)
	}
	return leaves
}

// branches picks what to say where none of several forms fits: the one form
// of the right type if there is just one, else what all of them expect.
func (s *schema) branches(e *jsonschema.ValidationError, root *document.Node) []violation {
	var fitting []*jsonschema.ValidationError
	var wanted []string
	for _, cause := range e.Causes {
		misfit := false
		for _, leaf := range s.leaves(cause, root) {
			if leaf.at == e.InstanceLocation {
				switch leaf.keyword {
				case "type", "const", "enum", "pattern":
					misfit = true
					wanted = append(wanted, expectation(leaf))
				case "required":
					wanted = append(wanted, expectation(leaf))
				}
			}
		}
		if !misfit {
			fitting = append(fitting, cause)
		}
	}
	if len(fitting) == 1 {
		return s.leaves(fitting[0], root)
	}
	return []violation{{at: e.InstanceLocation, keyword: "anyOf", schema: s.holder(e.AbsoluteKeywordLocation), message: e.Message, wanted: slices.Compact(wanted)}}
}

func lastPart(pointer string) string {
	return pointer[strings.LastIndexByte(pointer, '/')+1:]
}

// holder returns the schema in which the keyword at an absolute location stands.
func (s *schema) holder(location string) map[string]any {
	_, fragment, _ := strings.Cut(location, "#")
	parts := document.Split(fragment)
	var at any = s.raw
	holder := s.raw
	for _, part := range parts {
		switch value := at.(type) {
		case map[string]any:
			holder = value
			at = value[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(value) {
				return holder
			}
			at = value[i]
		}
	}
	return holder
}

func expectation(v violation) string {
	if text, ok := v.schema["description"].(string); ok && (v.keyword == "pattern" || v.keyword == "format") {
		return strings.TrimSuffix(text, ".")
	}
	switch v.keyword {
	case "enum":
		return oneOf(words(v.schema["enum"]))
	case "const":
		return fmt.Sprintf("%q", v.schema["const"])
	case "type":
		return typeWord(v.schema["type"])
	case "required":
		return "keys " + strings.Join(words(v.schema["required"]), ", ")
	case "pattern":
		return fmt.Sprintf("text that matches %v", v.schema["pattern"])
	default:
		return v.message
	}
}

func typeWord(value any) string {
	names := map[string]string{"object": "a mapping", "array": "a list", "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "null": "nothing"}
	var all []string
	for _, word := range words(value) {
		all = append(all, names[word])
	}
	return strings.Join(all, " or ")
}

func words(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var list []string
		for _, item := range value {
			list = append(list, fmt.Sprint(item))
		}
		return list
	}
	return nil
}

// oneOf lists words for a person; a long list is cut.
func oneOf(list []string) string {
	const most = 12
	if len(list) > most {
		return fmt.Sprintf("one of %s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	if len(list) == 1 {
		return list[0]
	}
	return "one of " + strings.Join(list, ", ")
}

// problem says what is wrong, what was expected and, where it can be guessed,
// what was meant.
func (s *schema) problem(path string, root *document.Node, v violation) decision.Problem {
	node, line, column, _ := root.At(v.at)
	if node == nil {
		node = root
	}
	value := node
	problem := decision.Problem{Path: path, Line: line, Column: column}
	if node.Kind == document.Scalar {
		problem.Line, problem.Column = node.Line, node.Column
	}
	name := place(v.at)
	switch v.keyword {
	case "additionalProperties", "unevaluatedProperties", "propertyNames":
		return s.unknownKey(problem, node, v, name)
	case "required":
		var missing []string
		for _, key := range words(v.schema["required"]) {
			if node.Field(key) == nil {
				missing = append(missing, key)
			}
		}
		problem.Message = fmt.Sprintf("%s lacks %s; expected %s; add %s", name, quoted(missing), keysOf(words(v.schema["required"])), plural("it", "them", len(missing)))
	case "enum", "const":
		expected := words(v.schema["enum"])
		if v.keyword == "const" {
			expected = words(v.schema["const"])
		}
		problem.Message = fmt.Sprintf("%s is %s; expected %s%s", name, shown(value), oneOf(expected), didYouMean(value.Text(), expected))
	case "anyOf":
		problem.Message = fmt.Sprintf("%s is %s; expected %s", name, shown(value), strings.Join(v.wanted, ", or "))
	case "pattern", "format", "type":
		problem.Message = fmt.Sprintf("%s is %s; expected %s", name, shown(value), expectation(v))
		if v.keyword == "type" && value.Kind == document.Scalar {
			if want := words(v.schema["type"]); slices.Contains(want, "string") {
				problem.Message += fmt.Sprintf("; write it in quotes: %q", fmt.Sprint(value.Value))
			}
		}
	case "minItems":
		problem.Message = fmt.Sprintf("%s is empty; expected at least %v entry; add one or remove the key", name, v.schema["minItems"])
	case "minProperties":
		problem.Message = fmt.Sprintf("%s is empty; expected %s; add one", name, oneOf(propertyNames(v.schema)))
	case "maxProperties":
		problem.Message = fmt.Sprintf("%s has more than one form; expected one of %s; keep one", name, strings.Join(propertyNames(v.schema), ", "))
	case "uniqueItems":
		problem.Message = fmt.Sprintf("%s names something twice; expected each once; remove the second", name)
	case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum":
		problem.Message = fmt.Sprintf("%s is %s; expected %s; change it", name, shown(value), boundary(v))
	case "minLength":
		problem.Message = fmt.Sprintf("%s is %s; expected at least %v letters; write it out", name, shown(value), v.schema["minLength"])
	default:
		problem.Message = fmt.Sprintf("%s: %s; see the schema", name, v.message)
	}
	return problem
}

func boundary(v violation) string {
	signs := map[string]string{"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}
	return fmt.Sprintf("%s %v", signs[v.keyword], v.schema[v.keyword])
}

func (s *schema) unknownKey(problem decision.Problem, node *document.Node, v violation, name string) decision.Problem {
	allowed := propertyNames(v.schema)
	if names, ok := v.schema["propertyNames"].(map[string]any); ok && len(allowed) == 0 {
		allowed = words(s.resolve(names)["enum"])
	}
	if v.keyword == "propertyNames" && node.Kind == document.Map {
		allowed = words(s.resolve(v.schema)["enum"])
	}
	for _, key := range node.Keys {
		if slices.Contains(allowed, key.Name) || !strings.Contains(v.message, "'"+key.Name+"'") {
			continue
		}
		problem.Line, problem.Column = key.Line, key.Column
		problem.Message = fmt.Sprintf("unknown key %q; %s takes %s%s", key.Name, name, strings.Join(allowed, ", "), didYouMean(key.Name, allowed))
		return problem
	}
	problem.Message = fmt.Sprintf("%s: %s; expected %s", name, v.message, strings.Join(allowed, ", "))
	return problem
}

// resolve follows a local $ref.
func (s *schema) resolve(part map[string]any) map[string]any {
	ref, ok := part["$ref"].(string)
	if !ok {
		return part
	}
	var at any = s.raw
	for _, step := range document.Split(strings.TrimPrefix(ref, "#")) {
		object, ok := at.(map[string]any)
		if !ok {
			return part
		}
		at = object[step]
	}
	if object, ok := at.(map[string]any); ok {
		return object
	}
	return part
}

func propertyNames(part map[string]any) []string {
	properties, _ := part["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// defaults fills in the defaults that the schema states, wherever a mapping
// that they belong to is present.
func (s *schema) defaults(part map[string]any, node *document.Node) {
	part = s.resolve(part)
	switch node.Kind {
	case document.Map:
		properties, _ := part["properties"].(map[string]any)
		for _, name := range propertyNames(part) {
			property, _ := properties[name].(map[string]any)
			if node.Fields[name] == nil {
				value, ok := property["default"]
				if !ok {
					continue
				}
				node.Set(name, document.Of(value, node.Line, node.Column))
			}
			s.defaults(property, node.Fields[name])
		}
	case document.List:
		items, _ := part["items"].(map[string]any)
		for _, item := range node.Items {
			s.defaults(items, item)
		}
	}
}

// place names a pointer as a person would: spec.uses[0].feature.
func place(pointer string) string {
	var b strings.Builder
	for _, part := range document.Split(pointer) {
		if _, err := strconv.Atoi(part); err == nil {
			fmt.Fprintf(&b, "[%s]", part)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	if b.Len() == 0 {
		return "the document"
	}
	return b.String()
}

// shown prints a value briefly.
func shown(node *document.Node) string {
	switch node.Kind {
	case document.Map:
		return "a mapping"
	case document.List:
		return "a list"
	}
	switch value := node.Value.(type) {
	case nil:
		return "empty"
	case string:
		if len(value) > 60 {
			value = value[:57] + "..."
		}
		return fmt.Sprintf("%q", value)
	default:
		return fmt.Sprint(value)
	}
}

func quoted(list []string) string {
	all := make([]string, len(list))
	for i, word := range list {
		all[i] = fmt.Sprintf("%q", word)
	}
	return strings.Join(all, ", ")
}

func keysOf(list []string) string {
	return plural("key ", "keys ", len(list)) + strings.Join(list, ", ")
}

func plural(one, many string, n int) string {
	if n == 1 {
		return one
	}
	return many
}

// didYouMean names the nearest of some words, if one is near.
func didYouMean(word string, list []string) string {
	if near := Nearest(word, list); near != "" {
		return fmt.Sprintf("; did you mean %q", near)
	}
	return ""
}

// Nearest returns the word of a list that is most like the given one, or ""
// where none is near: at most a third of its letters differ.
func Nearest(word string, list []string) string {
	best, least := "", len(word)/3+1
	for _, other := range list {
		if strings.EqualFold(word, other) {
			return other
		}
		if d := distance(strings.ToLower(word), strings.ToLower(other)); d <= least && (best == "" || d < least || other < best) {
			best, least = other, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, change or swap with
// their neighbour to make one word of another.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

func sortProblems(problems []decision.Problem) {
	sort.SliceStable(problems, func(i, j int) bool {
		a, b := problems[i], problems[j]
		switch {
		case a.Path != b.Path:
			return a.Path < b.Path
		case a.Line != b.Line:
			return a.Line < b.Line
		case a.Column != b.Column:
			return a.Column < b.Column
		default:
			return a.Message < b.Message
		}
	})
}
