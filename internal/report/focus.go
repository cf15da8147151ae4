package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// focusColumns are the columns of FOCUS 1.2 that are written: all mandatory
// ones, and those others that a forecast has something to say in.
var focusColumns = []string{
	"BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
	"ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
	"ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName",
	"ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
	"RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName",
	"ServiceSubcategory", "SkuId", "SkuMeter", "SubAccountId", "SubAccountName", "Tags",
}

// Focus writes estimates as CSV with the columns of FOCUS 1.2, a row for each
// line of what is placed, and one for each line that an account is charged
// once, so that the rows add up to the total. Lines whose amount is unknown
// have no row, since FOCUS has no unknown cost: left counts them. The period is
// the calendar month of asOf; amounts are those of a month of 730 hours. Named
// gives a vendor's name by its id.
func Focus(w io.Writer, r cost.Report, named func(id string) string) (left int, err error) {
	month, err := time.Parse(time.DateOnly, r.AsOf)
	if err != nil {
		return 0, fmt.Errorf("focus: %w", err)
	}
	month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	f := focus{csv: csv.NewWriter(w), named: named, start: month.Format(time.RFC3339), end: month.AddDate(0, 1, 0).Format(time.RFC3339)}
	if err := f.csv.Write(focusColumns); err != nil {
		return 0, err
	}
	for _, e := range r.Estimates {
		lines, _ := cost.Split(e.Cost.Lines)
		for _, line := range lines {
			if err := f.write(focusRow(f.workload(e, line), e.Cost.Currency, line, e.Listed)); err != nil {
				return 0, err
			}
		}
	}
	for _, a := range r.Accounts {
		for _, line := range a.Lines {
			if err := f.write(focusRow(f.account(r.Estimates, a), a.Currency, line, nil)); err != nil {
				return 0, err
			}
		}
	}
	f.csv.Flush()
	return f.left, f.csv.Error()
}

type focus struct {
	csv        *csv.Writer
	named      func(string) string
	start, end string
	left       int
}

// write writes a row; nil is a line without an amount.
func (f *focus) write(row map[string]string) error {
	if row == nil {
		f.left++
		return nil
	}
	row["BillingPeriodStart"], row["BillingPeriodEnd"] = f.start, f.end
	row["ChargePeriodStart"], row["ChargePeriodEnd"] = f.start, f.end
	record := make([]string, len(focusColumns))
	for i, name := range focusColumns {
		record[i] = row[name]
	}
	return f.csv.Write(record)
}

// workload is what a row says of whose charge it is.
func (f *focus) workload(e cost.Estimate, line decision.Line) map[string]string {
	o := e.Offering
	vendor, plan, region, service, sku := o.Vendor, o.Plan, o.Region, o.Product, o.SKU
	if kind, _, _ := strings.Cut(line.Item, " "); kind == "infrastructure" {
		// vendor/product/plan/region/sku, as far as the manifest names one
		parts := append(strings.Split(o.Infrastructure, "/"), "", "", "", "", "")
		vendor, service, plan, region, sku = or(parts[0], "unknown"), parts[1], parts[2], parts[3], parts[4]
	}
	row := f.vendor(vendor, plan)
	row["ServiceName"] = strings.TrimSpace(f.named(vendor) + " " + service)
	if o.GPU != "" {
		row["ServiceCategory"], row["ServiceSubcategory"] = "AI and Machine Learning", "AI Platforms"
	}
	if region != "" && region != decision.Unpinned {
		row["RegionId"], row["RegionName"] = region, region
	}
	row["SkuId"] = or(sku, line.Item)
	row["ResourceId"] = fmt.Sprintf("%s#%d", e.Manifest.Path, e.Manifest.Document)
	row["ResourceName"], row["ResourceType"] = e.Manifest.Name, "Workload"
	row["SubAccountId"], row["SubAccountName"] = e.Manifest.Owner, e.Manifest.Owner
	if len(e.Labels) > 0 {
		tags, _ := json.Marshal(e.Labels) // strings always marshal, sorted by key
		row["Tags"] = string(tags)
	}
	switch o.Capacity {
	case "preemptible":
		row["PricingCategory"] = "Dynamic"
	case "reserved":
		row["PricingCategory"] = "Committed"
	}
	row["ChargeDescription"] = e.Manifest.Name + ": "
	return row
}

// account is what a row says of a charge that no workload has alone.
func (f *focus) account(estimates []cost.Estimate, a cost.Account) map[string]string {
	row := f.vendor(a.Vendor, a.Plan)
	row["ServiceName"] = strings.TrimSpace(f.named(a.Vendor) + " " + a.Plan)
	for _, e := range estimates {
		if e.Offering.Vendor == a.Vendor && e.Offering.Plan == a.Plan && e.Offering.GPU != "" {
			row["ServiceCategory"], row["ServiceSubcategory"] = "AI and Machine Learning", "AI Platforms"
		}
	}
	row["SkuId"] = or(a.Plan, "account")
	row["ChargeDescription"] = "plan " + or(a.Plan, "none") + ": "
	return row
}

func (f *focus) vendor(id, plan string) map[string]string {
	name := f.named(id)
	return map[string]string{
		"ProviderName": name, "PublisherName": name, "InvoiceIssuerName": name,
		"BillingAccountId": strings.TrimSuffix(id+"/"+plan, "/"), "BillingAccountName": strings.TrimSpace(name + " " + plan),
		"ServiceCategory": "Compute", "ServiceSubcategory": "Other (Compute)", "PricingCategory": "Standard",
	}
}

// focusRow adds what a row says of one line; nil where its amount is not known.
// The same line among listed gives the list price.
func focusRow(row map[string]string, currency string, line decision.Line, listed []decision.Line) map[string]string {
	if line.Amount == nil || currency == "" {
		return nil
	}
	amount := line.Amount.String()
	row["BillingCurrency"] = currency
	row["BilledCost"], row["EffectiveCost"], row["ContractedCost"], row["ListCost"] = amount, amount, amount, amount
	row["SkuMeter"] = line.Item
	description := line.Item
	unit := focusUnit(line.Unit)
	if line.Quantity != nil && line.Rate != nil {
		description += fmt.Sprintf(", %s %s at %s", line.Quantity, unit, line.Rate)
	}
	row["ChargeDescription"] += description
	kind, _, _ := strings.Cut(line.Item, " ")
	switch {
	case line.OfAccount() && kind == "credit":
		row["ChargeCategory"], row["ChargeFrequency"], row["PricingCategory"] = "Credit", "Recurring", ""
		return row
	case kind == "discount":
		// What is negotiated is no part of the list price.
		row["ChargeCategory"], row["ChargeFrequency"], row["PricingCategory"] = "Adjustment", "Usage-Based", ""
		row["ListCost"] = "0"
		return row
	case kind == "commitment":
		row["ChargeCategory"], row["ChargeFrequency"], row["PricingCategory"] = "Purchase", "Recurring", "Committed"
	case line.OfAccount() && kind == "fee":
		row["ChargeCategory"], row["ChargeFrequency"] = "Purchase", "Recurring"
	default:
		row["ChargeCategory"], row["ChargeFrequency"] = "Usage", "Usage-Based"
	}
	// A charge has a quantity and a price; where a line has neither, it is one
	// of the amount.
	quantity, rate := decimal.NewFromInt(1), *line.Amount
	if line.Quantity != nil && line.Rate != nil {
		quantity, rate = *line.Quantity, *line.Rate
	} else {
		unit = "Months"
	}
	row["PricingQuantity"], row["PricingUnit"] = quantity.String(), unit
	row["ListUnitPrice"], row["ContractedUnitPrice"] = rate.String(), rate.String()
	for _, list := range listed {
		if list.Item == line.Item && list.Unit == line.Unit && list.Amount != nil && list.Rate != nil && list.Quantity != nil && list.Quantity.Equal(quantity) {
			row["ListCost"], row["ListUnitPrice"] = list.Amount.String(), list.Rate.String()
		}
	}
	if row["ChargeCategory"] == "Usage" {
		row["ConsumedQuantity"], row["ConsumedUnit"] = quantity.String(), unit
	}
	return row
}

// focusUnits writes units as FOCUS does: capitalised, and of many.
var focusUnits = map[string]string{
	"second": "Seconds", "minute": "Minutes", "hour": "Hours", "month": "Months", "seat": "Seats",
	"gpu": "GPU", "vcpu": "vCPU", "core": "Core", "instance": "Instance", "replica": "Replica", "GiB": "GiB",
}

func focusUnit(unit string) string {
	parts := strings.Split(unit, "-")
	for i, part := range parts {
		if word, ok := focusUnits[part]; ok {
			parts[i] = word
		}
	}
	return or(strings.Join(parts, "-"), "Units")
}
