package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/schemas"
)

// A schema checks documents of one kind and says what is wrong in words.
type schema struct {
	compiled *jsonschema.Schema
	raw      map[string]any
	// ambiguous words of the vocabulary, with what each may mean
	ambiguous map[string][]string
}

func compileSchema(name string) (*schema, error) { return compilePart(name, false) }

// compilePart compiles a schema, or with part set one that asks for no member
// of the document.
func compilePart(name string, part bool) (*schema, error) {
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
	if part {
		delete(raw, "required")
		if data, err = json.Marshal(raw); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	// Absolute, or the compiler takes it for a file of the working folder.
	address := "https://github.com/caveat-check/caveat/schemas/" + name + ".schema.json"
	if err := compiler.AddResource(address, bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	compiled, err := compiler.Compile(address)
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
		for _, problem := range s.problems(path, root, leaf) {
			if !seen[problem] {
				seen[problem] = true
				problems = append(problems, problem)
			}
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
	lacking []string       // for anyOf: the keys of which one must be there
	key     string         // for propertyNames: the key of the mapping at at
}

func (s *schema) leaves(e *jsonschema.ValidationError, root *document.Node) []violation {
	keyword := lastPart(e.KeywordLocation)
	if keyword == "anyOf" {
		return s.branches(e, root)
	}
	if len(e.Causes) == 0 {
		leaf := violation{at: location(e), keyword: keyword, schema: s.holder(e.AbsoluteKeywordLocation), message: e.Message}
		if strings.Contains(e.KeywordLocation, "/propertyNames/") {
			parts := document.Split(leaf.at)
			leaf.at, leaf.key, leaf.keyword = document.Join(parts[:len(parts)-1]...), parts[len(parts)-1], "propertyNames"
		}
		return []violation{leaf}
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
	var wanted, lacking []string
	at := location(e)
	for _, cause := range e.Causes {
		misfit := false
		for _, leaf := range s.leaves(cause, root) {
			if leaf.at == at {
				switch leaf.keyword {
				case "type", "const", "enum", "pattern":
					misfit = true
					wanted = append(wanted, expectation(leaf))
				case "required":
					wanted = append(wanted, expectation(leaf))
					lacking = append(lacking, words(leaf.schema["required"])...)
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
	none := violation{at: at, keyword: "anyOf", schema: s.holder(e.AbsoluteKeywordLocation), message: e.Message, wanted: slices.Compact(wanted)}
	if len(fitting) == len(e.Causes) && len(lacking) == len(wanted) {
		none.lacking = lacking
	}
	return []violation{none}
}

// location is the pointer of the place that was refused; the validator also
// escapes it as a URL.
func location(e *jsonschema.ValidationError) string {
	at, err := url.PathUnescape(e.InstanceLocation)
	if err != nil {
		return e.InstanceLocation
	}
	return at
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

// inSentence is a text that began a sentence, within one. Abbreviations stay.
func inSentence(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[n:]); unicode.IsUpper(next) {
		return text
	}
	return string(unicode.ToLower(first)) + text[n:]
}

func expectation(v violation) string {
	if text, ok := v.schema["description"].(string); ok && (v.keyword == "pattern" || v.keyword == "format") {
		return inSentence(strings.TrimSuffix(text, "."))
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

// problems say what is wrong, what was expected and, where it can be guessed,
// what was meant.
func (s *schema) problems(path string, root *document.Node, v violation) []decision.Problem {
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
	case "additionalProperties", "propertyNames":
		return s.unknownKeys(problem, node, v, name)
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
		problem.Message = fmt.Sprintf("%s is %s; expected %s%s", name, shown(value), oneOf(expected), s.meant(value.Text(), expected))
	case "anyOf":
		if v.lacking != nil && value.Kind == document.Map {
			problem.Message = fmt.Sprintf("%s lacks %s; expected one of them; add one", name, strings.Join(quotedAll(v.lacking), " or "))
			break
		}
		problem.Message = fmt.Sprintf("%s is %s; expected %s", name, shown(value), strings.Join(v.wanted, ", or "))
	case "pattern", "format", "type":
		problem.Message = fmt.Sprintf("%s is %s; expected %s", name, shown(value), expectation(v))
		if v.keyword == "type" && value.Kind == document.Scalar && value.Value != nil {
			if text := fmt.Sprint(value.Value); slices.Contains(words(v.schema["type"]), "string") {
				if pattern, ok := v.schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(text) {
					v.keyword = "pattern" // in quotes it would be as wrong
					problem.Message = fmt.Sprintf("%s is %s; expected %s", name, shown(value), expectation(v))
					break
				}
				problem.Message += fmt.Sprintf("; write it in quotes: %q", text)
			}
		}
	case "minItems":
		if least := fmt.Sprint(v.schema["minItems"]); least != "1" {
			problem.Message = fmt.Sprintf("%s has too few entries; expected at least %s; add the others", name, least)
			break
		}
		problem.Message = fmt.Sprintf("%s is empty; expected at least 1 entry; add one or remove the key", name)
	case "minProperties":
		problem.Message = fmt.Sprintf("%s is empty; expected at least %v key; add one", name, v.schema["minProperties"])
		if names := propertyNames(v.schema); len(names) > 0 {
			problem.Message = fmt.Sprintf("%s has too few keys; expected at least %v of %s; add one", name, v.schema["minProperties"], strings.Join(names, ", "))
		}
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
	return []decision.Problem{problem}
}

func boundary(v violation) string {
	signs := map[string]string{"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}
	return fmt.Sprintf("%s %v", signs[v.keyword], v.schema[v.keyword])
}

// unknownKeys reports each key of a mapping that it does not take.
func (s *schema) unknownKeys(problem decision.Problem, node *document.Node, v violation, name string) []decision.Problem {
	if v.keyword == "propertyNames" {
		if key, ok := node.Key(v.key); ok {
			problem.Line, problem.Column = key.Line, key.Column
		}
		allowed := words(v.schema["enum"])
		takes := oneOf(allowed)
		if allowed == nil {
			takes = expectation(violation{keyword: "pattern", schema: v.schema})
		}
		problem.Message = fmt.Sprintf("unknown key %s; %s takes %s%s", brief(v.key), name, takes, s.meant(v.key, allowed))
		return []decision.Problem{problem}
	}
	allowed := propertyNames(v.schema)
	var problems []decision.Problem
	for _, key := range node.Keys {
		if slices.Contains(allowed, key.Name) {
			continue
		}
		problem.Line, problem.Column = key.Line, key.Column
		problem.Message = fmt.Sprintf("unknown key %s; %s takes %s%s", brief(key.Name), name, strings.Join(allowed, ", "), DidYouMean(key.Name, allowed))
		problems = append(problems, problem)
	}
	return problems
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
		return brief(value)
	default:
		return fmt.Sprint(value)
	}
}

// brief quotes a text, cut where it is long.
func brief(text string) string { return strconv.Quote(cut(text)) }

func cut(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-3]) + "..."
}

func quoted(list []string) string { return strings.Join(quotedAll(list), ", ") }

func quotedAll(list []string) []string {
	all := make([]string, len(list))
	for i, word := range list {
		all[i] = strconv.Quote(word)
	}
	return all
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

// meant guesses at a word, or says what an ambiguous one may mean.
func (s *schema) meant(word string, list []string) string {
	for name, meanings := range s.ambiguous {
		if fold(name) == fold(word) && !slices.ContainsFunc(meanings, func(m string) bool { return !slices.Contains(list, m) }) {
			return fmt.Sprintf("; it may be %s; write the one that is meant", strings.Join(meanings, " or "))
		}
	}
	return DidYouMean(word, list)
}

// DidYouMean asks for the nearest of some words, if one is near: the end of a
// message, or "".
func DidYouMean(word string, list []string) string {
	if near := Nearest(word, list); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// Nearest returns the word of a list that is most like the given one, or ""
// where none is near: at most a third of its letters differ, or just one.
func Nearest(word string, list []string) string {
	letters := utf8.RuneCountInString(word)
	best, least := "", max(1, (letters+1)/3)
	for _, other := range list {
		if strings.EqualFold(word, other) {
			return other
		}
		if far := letters - utf8.RuneCountInString(other); max(far, -far) > least {
			continue // so that a long text costs little
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
