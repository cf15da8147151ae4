// Command caveat checks workload manifests against vendor capability documents.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/caveat-check/caveat/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System()))
}
