// Command caveat checks workload manifests against vendor capability documents.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/caveat-check/caveat/internal/cli"
)

func main() {
	// A run is short and allocates little that it drops: collecting less often
	// saves a third of its time. GOGC still decides where it is set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System()))
}
