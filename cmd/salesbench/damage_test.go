package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctorAndServeRefuseADamagedFile(t *testing.T) {
	folder := t.TempDir()
	if got := command(t, nil, "migrate", "up", "--data", folder); got.code != exitOK {
		t.Fatal(got.err)
	}
	file, err := os.OpenFile(filepath.Join(folder, databaseFile), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(bytes.Repeat([]byte("garbage!"), 512), 8192); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"doctor"}, {"serve", "--listen", "127.0.0.1:0"}} {
		got := command(t, nil, append(args, "--data", folder)...)
		if got.code != exitFailure || !strings.Contains(got.out+got.err, "restore it from a backup") {
			t.Errorf("%s: code %d, %s%s", args[0], got.code, got.out, got.err)
		}
	}
}
