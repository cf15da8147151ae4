package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/pricelist"
	"github.com/caveat-check/caveat/internal/report"
)

func pricesCommand(sys Sys) *cobra.Command {
	var f showFlags
	var against []string
	cmd := &cobra.Command{
		Use: "prices", Short: "List the prices of the catalog with their age, or compare them with outside price lists", Args: cobra.NoArgs,
		Long: `Lists what the vendors' SKUs cost: as published, by the GPU-hour or
instance-hour, and the day on which the price was read.

With --against compares them with outside price lists: CSV files with the columns
vendor, instance, gpu, count, gpu_mem, vcpu, mem, price, spot_price and region,
prices in USD an hour for the whole instance. A difference is a hint that one of
the two is old, and no error.`,
		Example: `  caveat vendors prices
  caveat vendors prices --against prices.csv
  caveat vendors prices --against aws.csv --against gcp.csv -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := f.table(sys)
			if err != nil {
				return err
			}
			e, err := f.load(cmd, sys)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("against") {
				day, err := time.Parse(time.DateOnly, f.options.AsOf)
				if err != nil {
					return err
				}
				prices := pricelist.Prices(e.Vendors(), day)
				if f.output == "json" {
					return report.PricesJSON(sys.Stdout, f.options.AsOf, prices)
				}
				return table.Prices(prices)
			}
			lists, found := readLists(once(against), f.options.Stdin)
			if len(found) > 0 {
				problems(sys.Stderr, found)
				return status(ExitError)
			}
			var vocabulary pricelist.Vocabulary
			vocabulary.Aliases, vocabulary.Ambiguous = e.GPUs()
			var comparisons []pricelist.Comparison
			for _, list := range lists {
				comparisons = append(comparisons, pricelist.Compare(e.Vendors(), list, vocabulary))
			}
			if f.output == "json" {
				return report.ComparisonsJSON(sys.Stdout, comparisons)
			}
			return table.Comparisons(comparisons)
		},
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&against, "against", nil, "compare with this price list (CSV `FILE`, - is standard input; repeatable)")
	return cmd
}

// readLists reads price lists, and collects what is wrong with any of them.
func readLists(paths []string, stdin io.Reader) ([]pricelist.List, []decision.Problem) {
	var lists []pricelist.List
	var problems []decision.Problem
	for _, path := range paths {
		list, found := readList(path, stdin)
		lists, problems = append(lists, list), append(problems, found...)
	}
	return lists, problems
}

func readList(path string, stdin io.Reader) (pricelist.List, []decision.Problem) {
	wrong := func(message string) (pricelist.List, []decision.Problem) {
		return pricelist.List{}, []decision.Problem{{Path: path, Message: message}}
	}
	switch {
	case path == "":
		return wrong("--against is empty; expected a price list; name a file")
	case path == "-" && stdin == nil:
		return wrong("there is no standard input; expected a price list; name a file")
	case path == "-":
		return pricelist.Read(path, stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return wrong("no such file; expected a price list; check the path")
		}
		return wrong(fmt.Sprintf("cannot be read: %v; expected a price list", cause(err)))
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return wrong("is a folder; expected a price list; name its files")
	}
	return pricelist.Read(path, file)
}
