package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTheModuleOfPeersKnowsTheSumsOfWhatItNeeds looks after the module that only "make
// bench-panel" builds: it uses this one, so that a new dependency here can break it there.
// What is not on this machine is not fetched for that.
func TestTheModuleOfPeersKnowsTheSumsOfWhatItNeeds(t *testing.T) {
	list := exec.Command("go", "list", "-mod=readonly", "-test", "-deps", ".")
	list.Dir = filepath.Join("..", "..", "benchmark", "panel", "peers")
	list.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	out, err := list.CombinedOutput()
	if bytes.Contains(out, []byte("missing go.sum entry")) || bytes.Contains(out, []byte("updates to go.mod needed")) {
		t.Errorf("run \"go mod tidy\" in benchmark/panel/peers: %v\n%.600s", err, out)
	}
}
