package caveat.lib.quantity_test

import data.caveat.lib.quantity

seconds := {
	"200ms": [0.2],
	"1500ms": [1.5],
	"0.2s": [0.2],
	"10s": [10],
	"47m": [2820],
	"0.5m": [30],
	"72h": [259200],
	"30d": [2592000],
	"10": [],
	"s": [],
	"10 s": [],
	"-10s": [],
	"10S": [],
	"10w": [],
	"1.s": [],
	".5s": [],
	"about 10s": [],
	"10s or so": [],
	"unlimited": [],
	"": [],
}

test_seconds[text] if {
	some text, want in seconds
	[n | n := quantity.seconds(text)] == want
}

# However it is written, it is the same number.
test_same_seconds[text] if {
	some text, other in {"200ms": "0.2s", "700ms": "0.7s", "1100ms": "1.1s", "0.1m": "6s", "1.5h": "90m"}
	quantity.seconds(text) == quantity.seconds(other)
}

money := {
	"4000 USD": [{"amount": 4000, "currency": "USD"}],
	"0.5 EUR": [{"amount": 0.5, "currency": "EUR"}],
	"4000": [],
	"4000USD": [],
	"USD 4000": [],
	"-4000 USD": [],
	"4000 usd": [],
	"4000 USDC": [],
	"4,000 USD": [],
	"about 4000 USD": [],
	"4000 USD a month": [],
	"": [],
}

test_money[text] if {
	some text, want in money
	[m | m := quantity.money(text)] == want
}

decimals := {
	"12": [12],
	"12.50": [12.5],
	"-3.1": [-3.1],
	"0": [0],
	"1e3": [],
	"12.": [],
	".5": [],
	"+1": [],
	"12 USD": [],
	"USD 12": [],
	"1.2.3": [],
	"NaN": [],
	"": [],
}

test_decimal[text] if {
	some text, want in decimals
	[n | n := quantity.decimal(text)] == want
}

# What is no text has no number, whatever it is.
test_no_text[name] if {
	some name, value in {"number": 10, "null": null, "yes": true, "list": ["10s"], "object": {"amount": "10"}}
	[n | n := quantity.seconds(input)] == [] with input as value
	[m | m := quantity.money(input)] == [] with input as value
	[n | n := quantity.decimal(input)] == [] with input as value
}
