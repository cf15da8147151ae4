package price

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
)

// ours makes the facts at some pointers those of our account.
func (r Request) ours(pointers ...string) Request {
	r.Negotiated = func(pointer string) bool { return slices.Contains(pointers, pointer) }
	return r
}

func eur(amount string) map[string]any {
	return map[string]any{"amount": amount, "currency": "EUR"}
}

func TestDiscounts(t *testing.T) {
	const gpu, cpu, multiplier = "/skus/h100/price/on-demand", "/prices/cpu", "/prices/regionMultiplier"
	// 2 for the GPU, 8 for CPU and 16 for memory; in region us, 13 on top.
	apart := func(f facts) Request {
		r := request(plain.with(facts{"/prices/discount": "10", "/prices/cpuIncluded": false, "/prices/cpu": price("1", "hour", "vcpu"), "/prices/memory": price("1", "hour", "GiB"),
			"/prices/regionMultiplier": "1.5"}).with(f), gpuHours("2"))
		r.Resources.CPU, r.Resources.Memory = ptr("4"), ptr("8")
		return r
	}
	also := facts{"/prices/discountNegotiated": true}
	cloudly := func(f facts) Request {
		return request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("0.25", "hour", "gpu")}, gpuHours("80")).outside("byoc", cloud.with(f))
	}
	for _, test := range []struct {
		name          string
		r             Request
		want, gpuHour string
	}{
		{"everything at list prices", apart(nil), "gpu 2, cpu 8, memory 16, discount -2.6, fee 0", "0.9"},
		{"a GPU at our rate", apart(nil).ours(gpu), "gpu 2, cpu 8, memory 16, discount -2.4, fee 0", "1"},
		{"a GPU at our rate, which is discounted, too", apart(also).ours(gpu), "gpu 2, cpu 8, memory 16, discount -2.6, fee 0", "0.9"},
		{"it says that our rate is not", apart(facts{"/prices/discountNegotiated": false}).ours(gpu), "gpu 2, cpu 8, memory 16, discount -2.4, fee 0", "1"},
		{"nobody knows whether our rate is", apart(facts{"/prices/discountNegotiated": "yes"}).ours(gpu), "gpu 2, cpu 8, memory 16, discount ?..?..?, fee 0", "?"},
		{"in a region", apart(nil).region("us"), "gpu 2, cpu 8, memory 16, region 13, discount -3.9, fee 0", "1.35"},
		{"a GPU at our rate in a region", apart(nil).region("us").ours(gpu), "gpu 2, cpu 8, memory 16, region 13, discount -3.6, fee 0", "1.5"},
		{"the region at our rate", apart(nil).region("us").ours(multiplier), "gpu 2, cpu 8, memory 16, region 13, discount -2.6, fee 0", "1.4"},
		{"a cheaper region at our rate", apart(facts{multiplier: "0.5"}).region("us").ours(multiplier), "gpu 2, cpu 8, memory 16, region -13, discount -1.3, fee 0", "0.45"},
		{"a region at a rate of ours that cannot be read", apart(facts{multiplier: 2}).region("us").ours(multiplier), "gpu 2, cpu 8, memory 16, region ?..?..?, discount ?..?..?, fee 0", "?"},
		{"a cheaper region", apart(facts{multiplier: "0.5"}).region("us").ours(cpu), "gpu 2, cpu 8, memory 16, region -13, discount -0.9, fee 0", "0.45"},
		{"all at our rates", request(plain.with(facts{"/prices/discount": "10"}), gpuHours("4")).ours(gpu), "gpu 4, discount 0, fee 0", "1"},
		{"our rate in a region of unknown price", request(plain.with(facts{"/prices/discount": "10"}), gpuHours("4")).region("us").ours(gpu), "gpu 4, region ?..?..?, discount 0, fee 0", "?"},
		{"list rates in a region of unknown price", apart(facts{multiplier: nil}).region("us").ours(gpu), "gpu 2, cpu 8, memory 16, region ?..?..?, discount ?..?..?, fee 0", "?"},
		{"our rate cannot be read", request(plain.with(facts{"/prices/discount": "10", gpu: "1 USD"}), gpuHours("4")).ours(gpu), "gpu ?..?..?, discount 0, fee 0", "?"},
		{"all of it", request(plain.with(facts{"/prices/discount": "100"}), gpuHours("4")), "gpu 4, discount -4, fee 0", "0"},
		{"nothing of it", request(plain.with(facts{"/prices/discount": "0"}), gpuHours("4")), "gpu 4, discount 0, fee 0", "1"},
		{"two that contradict each other", request(contradicted("/prices/discount"), gpuHours("4")), "gpu 4, discount ?..?..?, fee 0", "?"},
		{"a range below 0 takes nothing off", request(plain.with(facts{"/prices/discount": "10", "/billing/increment": "8h", multiplier: "0.5"}), jobs(1, "1h")).region("us"),
			"gpu 1..?..8, region -4..?..-0.5, discount -0.75..?..0, fee 0", "0.45"},
		{"not on the fee", request(plain.with(facts{"/prices/discount": "50", "/prices/planFee": usd("20")}), gpuHours("4")), "gpu 4, discount -2, fee 20", "0.5"},
		{"on the platform's rate", cloudly(nil).with(facts{"/prices/discount": "10"}), "fee platform 20, discount -2, fee 0, infrastructure 80", "1.225"},
		{"on the platform's rate, which is ours", cloudly(nil).with(facts{"/prices/discount": "10"}).ours("/prices/platformRate"), "fee platform 20, discount 0, fee 0, infrastructure 80", "1.25"},
		{"on the cloud's bill", cloudly(facts{"/prices/discount": "10"}), "fee platform 20, fee 0, infrastructure 80, infrastructure discount -8", "1.15"},
		{"on the cloud's bill at our rate", cloudly(facts{"/prices/discount": "10"}).theirs("/skus/p5/price/on-demand"), "fee platform 20, fee 0, infrastructure 80, infrastructure discount 0", "1.25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Price(test.r)
			if got := text(c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if got := show(c.GPUHour); got != test.gpuHour {
				t.Errorf("got %s a GPU-hour, want %s", got, test.gpuHour)
			}
			check(t, c)
		})
	}
}

// theirs makes the cloud's facts at some pointers those of our account with it.
func (r Request) theirs(pointers ...string) Request {
	r.Infrastructure.Negotiated = func(pointer string) bool { return slices.Contains(pointers, pointer) }
	return r
}

func (r Request) with(change facts) Request { r.Facts = r.Facts.(facts).with(change); return r }

// contradicted is plain with a fact on which claims contradict each other.
func contradicted(pointer string) facts {
	f := plain.with(nil)
	f[pointer] = nil
	return f
}

func TestCommitments(t *testing.T) {
	at := func(hours string, f facts) Request { return request(plain.with(f), gpuHours(hours)) }
	// A commitment of 10, and 1.2 times the rate beyond it.
	committed := func(hours string, f facts) Request {
		return at(hours, facts{"/prices/commitment": usd("10"), "/prices/overageMultiplier": "1.2"}.with(f))
	}
	seat := map[string]any{"amount": "2", "currency": "USD", "per": "seat"}
	ranged := func(f facts) Request { // between 1 and 2
		return request(plain.with(facts{"/billing/increment": "2h", "/prices/overageMultiplier": "1.2"}).with(f), jobs(1, "1h"))
	}
	held := func(r Request) Request { r.PlanHeld = true; return r }
	silent := facts{"/prices/overageMultiplier": nil}
	for _, test := range []struct {
		name string
		r    Request
		want string
	}{
		{"nothing used", committed("0", nil), "gpu 0, fee 0, overage 0, commitment 10"},
		{"below", committed("4", nil), "gpu 4, fee 0, overage 0, commitment 6"},
		{"at", committed("10", nil), "gpu 10, fee 0, overage 0, commitment 0"},
		{"above", committed("15", nil), "gpu 15, fee 0, overage 1, commitment 0"},
		{"the fee does not count", committed("4", facts{"/prices/planFee": usd("20")}), "gpu 4, fee 20, overage 0, commitment 6"},
		{"what is discounted counts less", committed("20", facts{"/prices/discount": "25"}), "gpu 20, discount -5, fee 0, overage 1, commitment 0"},
		{"on a plan that is held", held(committed("4", nil)), "gpu 4, overage 0, commitment 6"},
		{"of nothing", committed("4", facts{"/prices/commitment": usd("0")}), "gpu 4, fee 0, overage 0.8, commitment 0"},

		{"below, and nobody says what is beyond", committed("4", silent), "gpu 4, fee 0, commitment 6"},
		{"at, and nobody says what is beyond", committed("10", silent), "gpu 10, fee 0, commitment 0"},
		{"above, and nobody says what that costs", committed("15", silent), "gpu 15, fee 0, overage -5..?..?, commitment 0"},
		{"above, which is free", committed("15", facts{"/prices/overageMultiplier": "0"}), "gpu 15, fee 0, overage -5..?..?, commitment 0"},
		{"above, at a number", committed("15", facts{"/prices/overageMultiplier": 1.2}), "gpu 15, fee 0, overage -5..?..?, commitment 0"},
		{"above, at the same rate", committed("15", facts{"/prices/overageMultiplier": "1"}), "gpu 15, fee 0, commitment 0"},
		{"above, at a lower rate", committed("15", facts{"/prices/overageMultiplier": "0.8"}), "gpu 15, fee 0, overage -1, commitment 0"},
		{"a multiplier of nothing", committed("4", facts{"/prices/commitment": nil}), "gpu 4, fee 0, overage 0..?..0.8"},
		{"the same rate beyond nothing", at("4", facts{"/prices/overageMultiplier": "1"}), "gpu 4, fee 0"},

		{"unknown usage, below", ranged(facts{"/prices/commitment": usd("10")}), "gpu 1..?..2, fee 0, overage 0, commitment 8..?..9"},
		{"unknown usage, at its high", ranged(facts{"/prices/commitment": usd("2")}), "gpu 1..?..2, fee 0, overage 0, commitment 0..?..1"},
		{"unknown usage, between", ranged(facts{"/prices/commitment": usd("1.5")}), "gpu 1..?..2, fee 0, overage 0..?..0.1, commitment 0..?..0.5"},
		{"unknown usage, between, at a lower rate beyond", ranged(facts{"/prices/commitment": usd("1.5"), "/prices/overageMultiplier": "0.8"}), "gpu 1..?..2, fee 0, overage -0.1..?..0, commitment 0..?..0.6"},
		{"unknown usage, between, and nobody says what is beyond", ranged(facts{"/prices/commitment": usd("1.5")}).with(silent), "gpu 1..?..2, fee 0, overage -0.5..?..?, commitment 0..?..1"},
		{"unknown usage, at its low", ranged(facts{"/prices/commitment": usd("1")}), "gpu 1..?..2, fee 0, overage 0..?..0.2, commitment 0"},
		{"usage without a high", committed("4", nil).with(facts{"/prices/cpuIncluded": nil}), "gpu 4, cpu ?..?..?, fee 0, overage 0..?..?, commitment 0..?..6"},
		{"usage without a high, above", committed("12", nil).with(facts{"/prices/cpuIncluded": nil}), "gpu 12, cpu ?..?..?, fee 0, overage 0.4..?..?, commitment 0"},
		{"usage that nobody knows", committed("4", nil).with(facts{"/skus/h100/price/on-demand": nil}), "gpu ?..?..?, fee 0, overage 0..?..?, commitment 0..?..10"},

		{"reached by what may yet fall", committed("12", nil).region("us"), "gpu 12, region ?..?..?, fee 0, overage 0..?..?, commitment 0..?..10"},

		{"in another currency", committed("4", facts{"/prices/commitment": eur("10")}), "gpu 4, fee 0, overage 0..?..0.8, commitment 0..?..?"},
		{"for each seat", committed("4", facts{"/prices/commitment": seat}), "gpu 4, fee 0, overage 0..?..0.8, commitment 0..?..?"},
		{"mistyped", committed("4", facts{"/prices/commitment": "10 USD"}).with(silent), "gpu 4, fee 0, overage -4..?..?, commitment 0..?..?"},

		{"a larger minimum of the vendor's", committed("4", facts{"/prices/minimumCommitment": usd("20")}), "gpu 4, fee 0, overage 0, commitment 16"},
		{"a smaller minimum of the vendor's", committed("4", facts{"/prices/minimumCommitment": usd("5")}), "gpu 4, fee 0, overage 0, commitment 6"},
		{"beyond the commitment, below the minimum", committed("15", facts{"/prices/minimumCommitment": usd("20")}), "gpu 15, fee 0, overage 1, commitment 4"},
		{"cheaper beyond the commitment, below the minimum", committed("15", facts{"/prices/minimumCommitment": usd("20"), "/prices/overageMultiplier": "0.5"}), "gpu 15, fee 0, overage -2.5, commitment 7.5"},
		{"a minimum that cannot be read", committed("4", facts{"/prices/minimumCommitment": 20}), "gpu 4, fee 0, overage 0, commitment 6..?..?"},
		{"a minimum has no overage", at("15", facts{"/prices/minimumCommitment": usd("10")}), "gpu 15, fee 0, commitment 0"},

		{"a credit", at("4", facts{"/prices/credit": usd("3")}), "gpu 4, fee 0, credit account -3"},
		{"a credit of all usage", at("4", facts{"/prices/credit": usd("4")}), "gpu 4, fee 0, credit account -4"},
		{"a credit above usage", at("4", facts{"/prices/credit": usd("9"), "/prices/planFee": usd("20")}), "gpu 4, fee 20, credit account -4"},
		{"a credit after the plan's", at("4", facts{"/prices/credit": usd("9"), "/prices/planCredit": usd("3")}), "gpu 4, fee 0, credit -3, credit account -1"},
		{"a credit, the plan's being more than usage", at("4", facts{"/prices/credit": usd("9"), "/prices/planCredit": usd("5")}), "gpu 4, fee 0, credit -4, credit account 0"},
		{"a credit on a plan that is held", held(at("4", facts{"/prices/credit": usd("3"), "/prices/planCredit": usd("3")})), "gpu 4, credit account -3"},
		{"a credit, the plan's being unknown", at("4", facts{"/prices/credit": usd("3"), "/prices/planCredit": "3 USD"}), "gpu 4, fee 0, credit ?..?..0, credit account -3..?..0"},
		{"a credit on unknown usage", ranged(facts{"/prices/overageMultiplier": nil, "/prices/credit": usd("3")}), "gpu 1..?..2, fee 0, credit account -2..?..-1"},
		{"a credit in another currency", at("4", facts{"/prices/credit": eur("3")}), "gpu 4, fee 0, credit account ?..?..0"},
		{"a credit is not spent", committed("15", facts{"/prices/credit": usd("4"), "/prices/planCredit": usd("3")}), "gpu 15, fee 0, credit -3, credit account -4, overage 0, commitment 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Price(test.r)
			if got := text(c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			check(t, c)
		})
	}
}

// What keeps the account's lines from being known is said.
func TestWhyOfTheAccount(t *testing.T) {
	at := func(f facts) Request { return request(plain.with(f), gpuHours("15")) }
	for _, test := range []struct {
		name, item         string
		r                  Request
		facts, missing, by string
	}{
		{"contradiction", "discount", request(contradicted("/prices/discount"), gpuHours("1")), "/prices/discount", "", "sources contradict each other on /prices/discount"},
		{"more than all", "discount", at(facts{"/prices/discount": "101"}), "/prices/discount", "", "/prices/discount is more than 100 percent"},
		{"no multiplier", "overage", at(facts{"/prices/commitment": usd("10")}), "/prices/commitment", "/prices/overageMultiplier", "/prices/overageMultiplier is not stated"},
		{"no commitment", "overage", at(facts{"/prices/overageMultiplier": "2"}), "/prices/overageMultiplier", "/prices/commitment", "/prices/commitment is not stated; usage charges are not known in full"},
		{"two currencies", "commitment", at(facts{"/prices/commitment": eur("10"), "/prices/overageMultiplier": "1"}), "/prices/commitment", "", "/prices/commitment is in EUR; the other prices are in USD"},
		{"two currencies of a credit", "credit account", at(facts{"/prices/credit": eur("10")}), "/prices/credit", "", "/prices/credit is in EUR; the other prices are in USD"},
		{"known", "overage", at(facts{"/prices/commitment": usd("10"), "/prices/overageMultiplier": "2"}), "/prices/commitment /prices/overageMultiplier", "", ""},
		{"both least spends", "commitment", at(facts{"/prices/commitment": usd("10"), "/prices/overageMultiplier": "2", "/prices/minimumCommitment": usd("1")}), "/prices/commitment /prices/minimumCommitment", "", ""},
		{"the infrastructure's", "infrastructure discount", request(facts{}, gpuHours("8")).outside("byoc", cloud.with(facts{"/prices/discount": "200"})), "/infrastructure/prices/discount", "", "/infrastructure/prices/discount is more than 100 percent"},
	} {
		l := line(t, Price(test.r), test.item)
		if got := strings.Join(l.Facts, " "); got != test.facts || strings.Join(l.Missing, " ") != test.missing || l.Why != test.by {
			t.Errorf("%s: got %q, %q, %q; want %q, %q, %q", test.name, got, l.Missing, l.Why, test.facts, test.missing, test.by)
		}
	}
}

// What an account states is no longer said to be left out, and credit that is
// used up once is named and not subtracted.
func TestExcludesOfTheAccount(t *testing.T) {
	const discounts = "negotiated discounts"
	rate := "/skus/h100/price/on-demand"
	byoc := request(facts{}, gpuHours("8")).outside("byoc", cloud)
	for _, test := range []struct {
		name string
		r    Request
		has  bool
		once string
	}{
		{"no account", request(plain, gpuHours("1")), true, "one-off credits"},
		{"a discount", request(plain.with(facts{"/prices/discount": "5"}), gpuHours("1")), false, "one-off credits"},
		{"a rate", request(plain, gpuHours("1")).ours(rate), false, "one-off credits"},
		{"a rate of another SKU", request(plain, gpuHours("1")).ours("/skus/a100/price/on-demand"), true, "one-off credits"},
		{"a discount on one of two bills", byoc.with(facts{"/prices/discount": "5"}), true, "one-off credits"},
		{"discounts on two bills", request(facts{"/prices/discount": "5"}, gpuHours("8")).outside("byoc", cloud.with(facts{"/prices/discount": "5"})), false, "one-off credits"},
		{"a balance", request(plain.with(facts{"/prices/creditBalance": map[string]any{"amount": "5000", "currency": "USD", "until": "2027-02-28"}}), gpuHours("1")), true, "one-off credits (5000 USD left, until 2027-02-28)"},
		{"a balance without an end", request(plain.with(facts{"/prices/creditBalance": eur("50.5")}), gpuHours("1")), true, "one-off credits (50.5 EUR left)"},
		{"a mistyped balance", request(plain.with(facts{"/prices/creditBalance": "50 USD"}), gpuHours("1")), true, "one-off credits"},
	} {
		c := Price(test.r)
		if slices.Contains(c.Excludes, discounts) != test.has || !slices.Contains(c.Excludes, test.once) || !slices.IsSorted(c.Excludes) {
			t.Errorf("%s: got %q", test.name, c.Excludes)
		}
		if test.once != "one-off credits" && show(c.Expected) != "1" {
			t.Errorf("%s: got a total of %s, want 1", test.name, show(c.Expected))
		}
	}
}

// Two workloads share a fee of 20, credits of 3 and 4 and a commitment of 10:
// 6 + 9 of usage less 7 are 8, so that 2 are missing.
func TestPlan(t *testing.T) {
	f := plain.with(facts{"/prices/planFee": usd("20"), "/prices/planCredit": usd("3"), "/prices/credit": usd("4"), "/prices/commitment": usd("10"), "/prices/overageMultiplier": "1.2"})
	lines := func(hours string) []decision.Line { return Price(request(f, gpuHours(hours))).Lines }
	for _, test := range []struct {
		name  string
		usage []decision.Line
		held  bool
		want  string
	}{
		{"nothing used", nil, false, "fee 20, credit 0, credit account 0, overage 0, commitment 10"},
		{"one workload", lines("6"), false, "fee 20, credit -3, credit account -3, overage 0, commitment 10"},
		{"two workloads", append(lines("6"), lines("9")...), false, "fee 20, credit -3, credit account -4, overage 0, commitment 2"},
		{"beyond the commitment together", append(lines("9"), lines("9")...), false, "fee 20, credit -3, credit account -4, overage 0.2, commitment 0"},
		{"a plan that is held", append(lines("6"), lines("9")...), true, "credit account -4, overage 0.2, commitment 0"},
		{"a cloud beneath", append(lines("6"), Price(request(facts{}, gpuHours("80")).outside("byoc", cloud)).Lines...), false,
			"fee 20, credit -3, credit account -4..?..-3, overage 0..?..?, commitment 0..?..10"},
	} {
		got := Bill([]Plan{{f, test.held, test.usage}}, "USD")[0]
		if c := text(decision.Cost{Lines: got}); c != test.want {
			t.Errorf("%s: got %s, want %s", test.name, c, test.want)
		}
		for _, l := range got {
			if !l.OfAccount() {
				t.Errorf("%s: got %s, which is not a line of the plan", test.name, l.Item)
			}
		}
	}
	got := Bill([]Plan{{f, false, lines("6")}}, "EUR")[0]
	if l := got[0]; l.Item != "fee" || l.Amount != nil || l.Why != "/prices/planFee is in USD; the other prices are in EUR" {
		t.Errorf("in another currency: got %+v", l)
	}
}

// What our account states is for all of its plans together; fees and credits of
// plans are each plan's.
func TestBillOfTwoPlans(t *testing.T) {
	f := facts{
		"/prices/planFee": usd("20"), "/prices/planCredit": usd("3"),
		"/prices/credit": usd("4"), "/prices/commitment": usd("10"), "/prices/overageMultiplier": "1.2",
	}
	lines := func(amount string) []decision.Line {
		d := ptr(amount)
		return []decision.Line{{Item: "gpu", Quantity: d, Low: d, Amount: d, High: d}}
	}
	show := func(bills [][]decision.Line) (all []string) {
		for _, lines := range bills {
			all = append(all, text(decision.Cost{Lines: lines}))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		plans []Plan
		want  []string
	}{
		// 15 used, less 3 and 3 of the plans' credits and 4 of ours, are 5 of 10 committed.
		{"within", []Plan{{f, false, lines("6")}, {f, false, lines("9")}}, []string{"fee 20, credit -3, credit account -4, overage 0, commitment 5", "fee 20, credit -3"}},
		// 30 - 10 are 20: 10 beyond, a fifth more.
		{"beyond", []Plan{{f, false, lines("15")}, {f, false, lines("15")}}, []string{"fee 20, credit -3, credit account -4, overage 2, commitment 0", "fee 20, credit -3"}},
		{"stated of the second only", []Plan{{facts{"/prices/planFee": usd("0")}, false, lines("15")}, {f, true, lines("9")}}, []string{"fee 0", "credit account -4, overage 2, commitment 0"}},
		{"a least spend of each plan", []Plan{{facts{"/prices/minimumCommitment": usd("10")}, true, lines("6")}, {facts{"/prices/minimumCommitment": usd("20")}, true, lines("6")}}, []string{"commitment 4", "commitment 14"}},
	} {
		if got := show(Bill(c.plans, "USD")); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A workload alone on an account has the account's lines in its cost.
func TestPlanOfOneWorkload(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		c := Price(r)
		want := slices.DeleteFunc(slices.Clone(c.Lines), func(l decision.Line) bool { return !l.OfAccount() })
		got := Bill([]Plan{{r.Facts, r.PlanHeld, c.Lines}}, c.Currency)[0]
		if text(decision.Cost{Lines: got}) != text(decision.Cost{Lines: want}) {
			t.Fatalf("got %s, want %s", text(decision.Cost{Lines: got}), text(decision.Cost{Lines: want}))
		}
	})
}

// More workloads on an account never make its bill smaller, nor dearer than as
// many accounts.
func TestPlanOfMoreWorkloads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		a := Price(r)
		r.Usage = drawUsage(t)
		b := Price(r)
		together := append(slices.Clone(a.Lines), b.Lines...)
		usage := slices.DeleteFunc(slices.Clone(together), func(l decision.Line) bool { return l.OfAccount() })
		both := sum(append(usage, Bill([]Plan{{r.Facts, r.PlanHeld, together}}, a.Currency)[0]...))
		if a.Expected == nil || both.amount == nil {
			return
		}
		if above(*a.Expected, *both.amount) {
			t.Fatalf("got %s for both, %s for one", both.amount, a.Expected)
		}
	})
}

func TestTheCommitmentIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		c := Price(r)
		for _, pointer := range []string{"/prices/commitment", "/prices/minimumCommitment"} {
			value, ok := r.Facts.Fact(pointer)
			if !ok {
				continue
			}
			least, _, _ := money(value.(map[string]any))
			if c.Expected != nil && above(least, *c.Expected) || c.High != nil && above(least, *c.High) {
				t.Fatalf("%s of %s: got %s", pointer, least, text(c))
			}
		}
	})
}

func TestDiscountsAndCreditsOnlyLower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		ours := Price(r)
		r.Facts = r.Facts.(facts).with(facts{"/prices/discount": nil, "/prices/credit": nil})
		if r.Infrastructure != nil {
			provider := *r.Infrastructure
			provider.Facts = provider.Facts.(facts).with(facts{"/prices/discount": nil})
			r.Infrastructure = &provider
		}
		list := Price(r)
		if ours.Expected != nil && list.Expected != nil && above(*ours.Expected, *list.Expected) {
			t.Fatalf("got %s at list prices, %s at ours", text(list), text(ours))
		}
	})
}
