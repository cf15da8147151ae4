package load

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/schemas"
)

// A word of the vocabulary.
type word struct {
	Aliases []string `json:"aliases"`
	Within  string   `json:"within"`
}

type law struct {
	Use     string `json:"use"`
	Because string `json:"because"`
}

// The vocabulary, as schemas/vocabulary.yaml has it.
type vocabulary struct {
	GPUs                    map[string]word     `json:"gpus"`
	AmbiguousGPUs           map[string][]string `json:"ambiguousGpus"`
	Regions                 map[string]word     `json:"regions"`
	Agreements              map[string]word     `json:"agreements"`
	Certifications          map[string]word     `json:"certifications"`
	AmbiguousCertifications map[string][]string `json:"ambiguousCertifications"`
	Laws                    map[string]law      `json:"laws"`
	DataClasses             map[string]word     `json:"dataClasses"`
	Packaging               map[string]word     `json:"packaging"`
	DeploymentStyles        map[string]word     `json:"deploymentStyles"`
}

func readVocabulary() (vocabulary, error) {
	var words vocabulary
	if err := json.Unmarshal(schemas.Vocabulary(), &words); err != nil {
		return words, fmt.Errorf("vocabulary: %w", err)
	}
	return words, nil
}

// A place of a manifest at which a word of the vocabulary stands; * is every
// entry of a list.
type slot struct {
	path      string
	words     map[string]word
	ambiguous map[string][]string
	laws      map[string]law
}

func (v vocabulary) slots() []slot {
	return []slot{
		{path: "/spec/data/classes/*", words: v.DataClasses},
		{path: "/spec/data/subjects/*", words: v.Regions},
		{path: "/spec/data/residency/*", words: v.Regions},
		{path: "/spec/data/residency/process/*", words: v.Regions},
		{path: "/spec/data/residency/store/*", words: v.Regions},
		{path: "/spec/data/residency/logs/*", words: v.Regions},
		{path: "/spec/data/residency/support/*", words: v.Regions},
		{path: "/spec/uses/*/data/*", words: v.DataClasses},
		{path: "/spec/resources/gpu/model", words: v.GPUs, ambiguous: v.AmbiguousGPUs},
		{path: "/spec/requires/agreements/*", words: v.Agreements, laws: v.Laws},
		{path: "/spec/requires/certifications/*", words: v.Certifications, ambiguous: v.AmbiguousCertifications, laws: v.Laws},
		{path: "/spec/requires/packaging/*", words: v.Packaging},
		{path: "/spec/requires/deployment/*", words: v.DeploymentStyles},
		{path: "/spec/requires/gpuModels/*", words: v.GPUs, ambiguous: v.AmbiguousGPUs},
	}
}

// rewrite puts canonical words where aliases stand, and reports words that are
// unknown, ambiguous, or the name of a law. It returns the places reported.
func (v vocabulary) rewrite(path string, root *document.Node) ([]decision.Problem, map[string]bool) {
	var problems []decision.Problem
	known := map[string]bool{}
	for _, slot := range v.slots() {
		visit(root, document.Split(slot.path), "", func(at string, node *document.Node) {
			text, ok := node.Value.(string)
			if node.Kind != document.Scalar || !ok {
				return
			}
			canonical, message := slot.lookup(text)
			if message == "" {
				node.Value = canonical
				return
			}
			known[at] = true
			problems = append(problems, decision.Problem{Path: path, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("%s is %s; %s", place(at), brief(text), message)})
		})
	}
	return problems, known
}

func visit(node *document.Node, parts []string, at string, do func(string, *document.Node)) {
	if node == nil {
		return
	}
	if len(parts) == 0 {
		do(at, node)
		return
	}
	if parts[0] != "*" {
		visit(node.Field(parts[0]), parts[1:], at+"/"+parts[0], do)
		return
	}
	if node.Kind == document.List {
		for i, item := range node.Items {
			visit(item, parts[1:], fmt.Sprintf("%s/%d", at, i), do)
		}
	}
}

// lookup returns the canonical word, or what is wrong with the given one.
func (s slot) lookup(text string) (canonical, message string) {
	if _, ok := s.words[text]; ok {
		return text, ""
	}
	folded := fold(text)
	var names, near []string
	for name, entry := range s.words {
		if fold(name) == folded || slices.ContainsFunc(entry.Aliases, func(alias string) bool { return fold(alias) == folded }) {
			return name, ""
		}
		names = append(names, name)
		near = append(append(near, name), entry.Aliases...)
	}
	slices.Sort(names)
	slices.Sort(near)
	for name, law := range s.laws {
		if fold(name) == folded {
			return "", fmt.Sprintf("%s; write %s", law.Because, law.Use)
		}
	}
	for name, meanings := range s.ambiguous {
		if fold(name) == folded {
			return "", fmt.Sprintf("that may be %s; write the one that is meant", strings.Join(meanings, " or "))
		}
	}
	return "", fmt.Sprintf("expected %s%s", oneOf(names), DidYouMean(text, near))
}

// ambiguous are all words that may mean several.
func (v vocabulary) ambiguous() map[string][]string {
	all := maps.Clone(v.AmbiguousGPUs)
	maps.Copy(all, v.AmbiguousCertifications)
	return all
}

// fold makes spellings alike that differ only in case and separators.
func fold(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "", ".", "").Replace(strings.ToLower(text))
}

// Places lists the regions of the vocabulary, sorted.
func (l *Loader) Places() []string {
	return slices.Sorted(maps.Keys(l.words.Regions))
}

// Within is the vocabulary's region tree: each region that lies within another.
func (l *Loader) Within() map[string]string {
	within := map[string]string{}
	for name, entry := range l.words.Regions {
		if entry.Within != "" {
			within[name] = entry.Within
		}
	}
	return within
}

// GPUs is the vocabulary of GPU models: the aliases of every
// model, and the names that may mean several.
func (l *Loader) GPUs() (aliases, ambiguous map[string][]string) {
	aliases = map[string][]string{}
	for model, entry := range l.words.GPUs {
		aliases[model] = slices.Clone(entry.Aliases)
	}
	return aliases, maps.Clone(l.words.AmbiguousGPUs)
}
