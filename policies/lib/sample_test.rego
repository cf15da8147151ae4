# METADATA
# title: Inputs for tests
# description: A small input and vocabulary, to which a test adds what it is about.
package caveat.lib.sample_test

# METADATA
# description: An input with some things of the manifest's spec, of the offering and of the input itself changed or added.
input_with(spec, offering, rest) := object.union(
	{
		"workload": {"spec": object.union(
			{
				"stage": "operate",
				"data": {"classes": ["internal"]},
				"placement": {},
				"uses": [],
				"resources": {},
				"service": {},
				"requires": {"agreements": [], "certifications": []},
			},
			spec,
		)},
		"offering": object.union(
			{
				"id": {
					"vendor": "acme", "product": "functions", "plan": "team",
					"hosting": "managed", "region": "unpinned",
				},
				"implied": [],
				"sites": {},
				"evidence": {},
				"conflicts": [],
			},
			offering,
		),
		"parameters": {
			"brought": [],
			"soc2PeriodMonths": 12,
			"bridgeLetterMonths": 3,
			"pciServiceProviderLevel": 1,
			"baaBreachNoticeDays": 60,
			"dpaBreachNoticeHours": 72,
		},
		"asOf": "2026-11-23",
	},
	rest,
)

# METADATA
# description: Parameters of an input where a profile brings some controls.
bringing(ids) := {"parameters": {"brought": ids}}

# METADATA
# description: A part of the vocabulary.
vocabulary := {"around": {
	"us": ["us"], "us-east": ["us-east", "us"],
	"eu": ["eu"], "de": ["de", "eu"], "fr": ["fr", "eu"], "eu-west": ["eu-west", "eu"],
	"uk": ["uk"], "is": ["is"], "li": ["li"], "no": ["no"], "ch": ["ch"],
}}
