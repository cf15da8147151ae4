package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/schemas"
)

// kinds are what init writes, each with a command that reads it.
var kinds = []struct{ name, next string }{
	{"workload", "caveat check %s"},
	{"vendor", "caveat vendors lint %s"},
	{"account", "caveat check --account %s workload.yaml"},
	{"waiver", "caveat waivers --waivers %s"},
}

//go:embed init/*.yaml
var initFiles embed.FS

func initCommand(sys Sys) *cobra.Command {
	var words []string
	for _, kind := range kinds {
		words = append(words, kind.name)
	}
	var kind string
	cmd := &cobra.Command{
		Use: "init [FILE]", Short: "Write a commented manifest, and its schema for editors",
		Long: `Writes a commented manifest to FILE (default workload.yaml; - is standard output)
and the schema that editors complete from to .caveat/workload.schema.json beside
it. A file that exists is not touched; the schema is that of this version.

With --kind, a vendor document, an account or a waiver is written, with its own
schema.`,
		Example: `  caveat init workload.yaml && caveat check workload.yaml
  caveat init --kind vendor caveat/vendors/acme.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%d files are named; expected one to write", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			i := slices.Index(words, kind)
			if i < 0 {
				return fmt.Errorf("--kind is %q; expected %s", kind, choice(words))
			}
			path := kind + ".yaml"
			if len(args) == 1 {
				path = args[0]
			}
			text, err := initFiles.ReadFile("init/" + kind + ".yaml")
			if err != nil {
				return err
			}
			if path == "-" {
				_, err := sys.Stdout.Write(text)
				return err
			}
			if err := writeNew(path, text); err != nil {
				return err
			}
			schema, err := schemas.Schema(kind)
			if err != nil {
				return err
			}
			dir := filepath.Join(filepath.Dir(path), ".caveat")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("%s: %w", dir, cause(err))
			}
			place := filepath.Join(dir, kind+".schema.json")
			if err := replace(cmd.Context(), place, schema); err != nil {
				return fmt.Errorf("%s cannot be written: %w", place, cause(err))
			}
			if _, err := fmt.Fprintf(sys.Stdout, "wrote %s; edit it, then run: "+kinds[i].next+"\n", path, path); err != nil {
				return fmt.Errorf("write standard output: %w", cause(err))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "workload", "`KIND` of document: "+choice(words))
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func writeNew(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; expected a new file; choose another name or remove it", path)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, cause(err))
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path) // half a document is none
		return fmt.Errorf("%s cannot be written: %w", path, cause(err))
	}
	return nil
}
