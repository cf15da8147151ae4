package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/schemas"

	_ "embed"
)

// Version is the version of this build.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func versionCommand(sys Sys) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, and the digests of the shipped catalog and policies", Args: cobra.NoArgs,
		Example: "  caveat version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := engineFlags{}
			e, err := f.load(cmd, sys)
			if err != nil {
				return err
			}
			header := e.Header(decision.Tool{})
			opa := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, dep := range info.Deps {
					if dep.Path == "github.com/open-policy-agent/opa" {
						opa = dep.Version
					}
				}
			}
			_, err = fmt.Fprintf(sys.Stdout, "caveat    %s\nopa       %s\ncatalog   %s\npolicies  %s\n", Version(), opa, header.Catalog.Digest, header.Policies.Digest)
			return err
		},
	}
}

func schemaCommand(sys Sys) *cobra.Command {
	return &cobra.Command{
		Use: "schema NAME", Short: "Print a JSON Schema: " + strings.Join(schemas.Names(), ", "),
		Example:   "  caveat schema workload > workload.schema.json",
		ValidArgs: schemas.Names(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("name one schema; expected one of %s", strings.Join(schemas.Names(), ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := schemas.Schema(args[0])
			if err != nil {
				if near := load.Nearest(args[0], schemas.Names()); near != "" {
					err = fmt.Errorf("%w; did you mean %q?", err, near)
				}
				return err
			}
			_, err = sys.Stdout.Write(data)
			return err
		},
	}
}

func policiesCommand(sys Sys) *cobra.Command {
	var exportFlags, inputFlags engineFlags
	export := &cobra.Command{
		Use: "export DIR", Short: "Write the controls as a plain OPA bundle folder",
		Long: `Writes the controls, the rule that makes statuses, and the data that they read
to DIR, ready for a stock OPA or conftest together with the inputs that
` + "`caveat policies inputs`" + ` writes.`,
		Example: `  caveat policies export pack
  caveat policies inputs workload.yaml --dir inputs
  opa eval -b pack -i inputs/0001.json data.caveat.decision
  conftest test -p pack -d pack/data.json inputs/0001.json`,
		Args: exactly(1, "the folder to write to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := exportFlags.load(cmd, sys)
			if err != nil {
				return err
			}
			files, err := e.Export()
			if err != nil {
				return err
			}
			return writeTree(args[0], files)
		},
	}
	exportFlags.register(export)
	var dir string
	inputs := &cobra.Command{
		Use: "inputs PATH...", Short: "Write the policy input of each offering that manifests may mean",
		Long: `Writes one JSON document for each offering that the placements of the manifests
may mean: what controls find under input. Without --dir they go to standard
output, one a line.`,
		Example: "  caveat policies inputs workload.yaml --dir inputs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no manifests named; expected manifests, folders or -")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := inputFlags.checkManifest(cmd); err != nil {
				return err
			}
			e, err := inputFlags.load(cmd, sys)
			if err != nil {
				return err
			}
			list, found := e.InputsOf(cmd.Context(), once(args))
			files := map[string][]byte{}
			for i, input := range list {
				data, err := json.Marshal(input)
				if err != nil {
					return err
				}
				if dir == "" {
					if _, err := fmt.Fprintf(sys.Stdout, "%s\n", data); err != nil {
						return err
					}
					continue
				}
				files[fmt.Sprintf("%04d.json", i+1)] = data
			}
			if dir != "" {
				if err := writeTree(dir, files); err != nil {
					return err
				}
			}
			if len(found) > 0 {
				problems(sys.Stderr, found)
				return status(ExitError)
			}
			return nil
		},
	}
	inputFlags.register(inputs)
	inputFlags.registerManifest(inputs)
	inputs.Flags().StringVar(&dir, "dir", "", "`FOLDER` to write to")
	return group(&cobra.Command{Use: "policies", Short: "Take the controls elsewhere: export them for a stock OPA", Example: "  caveat policies export pack", RunE: help}, export, inputs)
}

func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("expected %d argument: %s", n, what)
		}
		return nil
	}
}

// writeTree writes files below a folder. Files that are there already and not
// written anew would be taken for a part of the tree, so they are an error.
func writeTree(dir string, files map[string][]byte) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == dir:
			return fs.SkipAll
		case err != nil:
			return fmt.Errorf("%s: %w", path, cause(err))
		case path == dir && !entry.IsDir():
			return fmt.Errorf("%s is a file; expected a folder, or a new name", dir)
		case entry.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if _, ours := files[filepath.ToSlash(name)]; err != nil || !ours {
			return fmt.Errorf("%s holds %s, which is not of this export; expected a new or an empty folder; remove it or name another", dir, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("%s: %w", filepath.Dir(path), cause(err))
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return fmt.Errorf("%s: %w", path, cause(err))
		}
	}
	return nil
}
