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
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System()))
}
