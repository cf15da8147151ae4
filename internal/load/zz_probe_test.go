package load

import (
	"encoding/json"
	"fmt"
	"testing"
	"github.com/caveat-check/caveat/internal/catalog"
)

const vhead = `apiVersion: caveat/v1
kind: Vendor
metadata: {id: acme, name: Acme}
sources:
  s: {url: https://acme.example, kind: documented, published: unknown, read: 2026-11-23, copy: stored}
products: {p: {name: P}}
plans: {team: {name: Team}}
`

func TestZZ(t *testing.T) {
	l, _ := New(nil)
	show := func(name, text string) {
		docs, problems := l.Bytes("v.yaml", []byte(text))
		fmt.Printf("== %s: %d docs\n", name, len(docs))
		for i, p := range problems {
			if i < 9 {
				fmt.Printf("   %.400s\n", p.Error())
			}
		}
		for _, d := range docs {
			v, problems := catalog.FromDocument(d, l.Places())
			data, _ := json.Marshal(v)
			_ = data
			for _, p := range problems {
				fmt.Printf("   C %.400s\n", p.Error())
			}
		}
	}
	v := func(name, rest string) { show(name, vhead+rest) }
	v("ok", "")
	v("soc2 cert", "certifications:\n  soc2: [{value: {held: true}, scope: all, sources: [s]}]\n")
	v("bad id", "features:\n  Bad Id: {name: x}\n")
	v("no scope", "training:\n  onCustomerData: [{value: no, sources: [s]}]\n")
	v("bad scope", "training:\n  onCustomerData:\n    - {value: false, scope: al, sources: [s]}\n    - {value: false, scope: {plan: [team], rest: all}, sources: [s]}\n    - {value: false, scope: {plans: team, rest: all}, sources: [s]}\n    - {value: false, scope: {plans: [teem]}, sources: [s]}\n    - {value: false, scope: {}, sources: [s]}\n    - {value: false, scope: {plans: [teem], rest: all}, sources: [t], rejected: no}\n")
	v("bare value", "training:\n  onCustomerData: false\n")
	v("price", "skus:\n  h: {gpu: H1000, price: {on-demand: [{value: {amount: 1.5, currency: usd, per: sec, of: gpu}, scope: all, sources: [s]}], ondemand: []}}\n")
	v("src", "prices:\n  cpu: [{value: {amount: '1', currency: USD, per: hour, of: vcpu}, scope: all, sources: []}]\n")
	v("where", "dataFlows:\n  process: [{value: mars, scope: all, sources: [s]}, {value: [mars], scope: all, sources: [s]}]\nregions:\n  sites: {m: {within: mars}}\n  available: [{value: [mars], scope: all, sources: [s]}]\n")
	v("dangling", "features:\n  f: {implies: [g], instead: [h]}\nskus:\n  k: {products: [q], gpu: H100}\nagreements:\n  baa:\n    scope:\n      z: [{value: in, scope: all, sources: [s]}]\n      f: [{value: yes, scope: all, sources: [s]}]\n")
	v("dangling2", "features:\n  f: {implies: [g], instead: [h]}\nskus:\n  k: {products: [q], gpu: H100}\nagreements:\n  baa:\n    scope:\n      z: [{value: in, scope: all, sources: [s]}]\n")
	v("only", "security:\n  sso: [{value: [saml], only: true, scope: all, sources: [s]}]\n")
	show("sources", "apiVersion: caveat/v1\nkind: Vendor\nmetadata: {id: acme, name: Acme}\nsources:\n  s: {kind: documented, published: 2026-13-01, read: soon, copy: old}\nproducts: {}\nplans: {a: {nam: A}}\n")
}
