package decision

import "fmt"

// A Waiver is the accepted exception that a finding is waived by. From and Until
// are ISO dates, the first and the last day.
type Waiver struct {
	Name     string `json:"name"`
	Owner    string `json:"owner"`
	Approver string `json:"approver"`
	Reason   string `json:"reason"`
	Ticket   string `json:"ticket"`
	From     string `json:"from"`
	Until    string `json:"until"`
	// Status is what the finding would be without it: Fail or Unknown.
	Status Status `json:"status"`
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// A Standing is what became of a waiver. The zero value is Refused, so that one
// nobody judged waives nothing.
type Standing uint8

// The standings. Only a waiver that is Used waives anything; one InForce would,
// where no manifest is given.
const (
	Refused   Standing = iota // it may not be: the control, the people or the length
	Expired                   // after its last day
	NotYet                    // before its first day
	OverBroad                 // its workloads are not named but all
	Duplicate                 // another waives the same
	Unused                    // nothing that was decided needs it
	InForce
	Used
)

var standingNames = [...]string{"refused", "expired", "not-yet", "over-broad", "duplicate", "unused", "in-force", "used"}

func (s Standing) String() string {
	if int(s) < len(standingNames) {
		return standingNames[s]
	}
	return standingNames[Refused]
}

// MarshalText writes the name that reports use.
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name that reports use; another word is an error.
func (s *Standing) UnmarshalText(text []byte) error {
	for i, name := range standingNames {
		if name == string(text) {
			*s = Standing(i)
			return nil
		}
	}
	return fmt.Errorf("a waiver's status is %q; expected used, in-force, unused, duplicate, over-broad, not-yet, expired or refused", text)
}

// A WaiverUse says what became of one waiver in a run. A waiver may have
// several: used for one workload and refused for another.
type WaiverUse struct {
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	Column  int      `json:"column"`
	Name    string   `json:"name"`
	Control string   `json:"control"`
	Status  Standing `json:"status"`
	Message string   `json:"message"`
	Until   string   `json:"until"`
	// Expiring says that it waives something and ends within 30 days.
	Expiring bool `json:"expiring,omitempty"`
}
