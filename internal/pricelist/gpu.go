package pricelist

import (
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// A Vocabulary is the GPU models that vendor documents name, each with its
// aliases, and the names that may mean several models.
type Vocabulary struct {
	Aliases   map[string][]string
	Ambiguous map[string][]string
}

// names are the spellings of a vocabulary.
type names struct {
	model    map[string]string            // by folded spelling
	several  map[string][]string          // by folded spelling
	memories map[string][]decimal.Decimal // GiB that the spellings of a model name
}

func newNames(v Vocabulary) names {
	n := names{map[string]string{}, map[string][]string{}, map[string][]decimal.Decimal{}}
	for model, aliases := range v.Aliases {
		for _, spelling := range append([]string{model}, aliases...) {
			n.model[fold(spelling)] = model
			if _, memory := split(spelling); memory != nil {
				n.memories[model] = append(n.memories[model], *memory)
			}
		}
	}
	for spelling, meanings := range v.Ambiguous {
		n.several[fold(spelling)] = slices.Sorted(slices.Values(meanings))
	}
	return n
}

// models returns what a row's GPU is: one model, several where the name may
// mean several and no memory tells them apart, none where it is not known. The
// memory is that of the name, or else that of the row. Makers and form factors
// are no part of a model's name.
func (n names) models(row Row) []string {
	if row.GPU == "" {
		return nil
	}
	bare, memory := split(row.GPU)
	if memory == nil {
		memory = row.GPUMemory
	}
	spellings := []string{row.GPU, bare}
	if memory != nil {
		spellings = []string{row.GPU, bare + memory.Round(0).String() + "gb", bare}
	}
	for _, spelling := range spellings {
		if model, ok := n.model[fold(spelling)]; ok {
			if !n.fits(model, memory) {
				return nil
			}
			return []string{model}
		}
	}
	var meanings []string
	for _, model := range n.several[fold(bare)] {
		if n.fits(model, memory) {
			meanings = append(meanings, model)
		}
	}
	return meanings
}

// fits reports whether a GPU may have a memory: one that the model's spellings
// name, give or take a tenth, since some count GB and some what is left of it.
func (n names) fits(model string, memory *decimal.Decimal) bool {
	of := n.memories[model]
	return memory == nil || len(of) == 0 || slices.ContainsFunc(of, func(m decimal.Decimal) bool {
		return memory.Sub(m).Abs().Mul(decimal.NewFromInt(10)).LessThanOrEqual(m)
	})
}

var makers = []string{"nvidia", "amd"}

// split takes a GPU's memory, its maker and its form factor off its name:
// "nvidia A100-80G-PCIe" is "a100" and 80.
func split(name string) (bare string, memory *decimal.Decimal) {
	all := words(name)
	for i, word := range all {
		size, isSize := strings.CutSuffix(strings.TrimSuffix(word, "b"), "g")
		switch {
		case isSize && digits(size), digits(word) && i+1 < len(all) && all[i+1] == "gb":
			if d, ok := plain(strings.TrimRight(word, "gb")); ok {
				memory = &d
			}
		case word == "gb", slices.Contains(makers, word), form(word) != "", word == "hgx":
		default:
			bare += word
		}
	}
	return bare, memory
}

// form is the form factor that a word names: a GPU on a PCIe card costs less
// than the same on SXM or with NVLink.
func form(word string) string {
	switch {
	case word == "pcie", word == "nvlink":
		return word
	case strings.HasPrefix(word, "sxm") && len(word) <= len("sxm9"):
		return "sxm"
	}
	return ""
}

// forms are the form factors that texts name, sorted and each once.
func forms(texts ...string) []string {
	var all []string
	for _, word := range words(texts...) {
		if f := form(word); f != "" {
			all = append(all, f)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// words are the runs of letters and digits of texts, in lower case.
func words(texts ...string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.Join(texts, " ")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// fold makes spellings alike that differ only in case and separators.
func fold(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "", ".", "").Replace(strings.ToLower(text))
}
