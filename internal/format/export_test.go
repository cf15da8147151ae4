package format

import "slices"

// LayOut is YAML before anything is checked, for failures to show.
var LayOut = layOut

// SameWords compares what YAML compares.
func SameWords(a, b []byte) bool { return slices.Equal(words(a), words(b)) }
