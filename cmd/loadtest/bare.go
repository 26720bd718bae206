package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

// bare answers every request with one file, by Echo without any middleware: the limit
// that serving a page is held against. It ends when its input ends.
func bare(ctx context.Context, args []string, s streams) error {
	flags := flag.NewFlagSet("bare", flag.ContinueOnError)
	flags.SetOutput(s.err)
	listen := flags.String("listen", "127.0.0.1:8081", "host:port to listen on")
	file := flags.String("file", "", "what to answer")
	gzip := flags.Bool("gzip", false, "the file is compressed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	page, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/*", func(c echo.Context) error {
		if *gzip {
			c.Response().Header().Set("Content-Encoding", "gzip")
		}
		return c.Blob(http.StatusOK, "text/html; charset=utf-8", page)
	})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is the message
		_ = e.Close()
	}()
	context.AfterFunc(ctx, func() { _ = e.Close() })
	if err := e.Start(*listen); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
