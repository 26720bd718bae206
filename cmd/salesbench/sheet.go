package main

import (
	"io"
	"os"

	"github.com/salesbench/salesbench/survey"
)

// readSheet reads a CSV file from disk; - is standard input.
func readSheet(p *program, file string, required, optional []string) (*survey.Sheet, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(io.LimitReader(p.In, survey.MostSheetBytes+1))
	} else {
		data, err = readLimited(file)
	}
	if err != nil {
		return nil, err
	}
	return survey.ParseSheet(file, data, required, optional)
}

func readLimited(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, survey.MostSheetBytes+1))
	if e := f.Close(); err == nil {
		err = e
	}
	return data, err
}
