package rig

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Balancer is HAProxy in front of replicas.
type Balancer struct {
	address string
	process *process
}

// StartBalancer starts HAProxy with a configuration file that reads the address to
// listen on from SALESBENCH_FRONT and the replicas from SALESBENCH_1, SALESBENCH_2
// and so on.
func (r *Rig) StartBalancer(config string, replicas ...string) (*Balancer, error) {
	path, err := exec.LookPath("haproxy")
	if err != nil {
		// Debian keeps it where only root's path leads.
		if path = "/usr/sbin/haproxy"; !executable(path) {
			return nil, fmt.Errorf("HAProxy: %w (apt install haproxy)", ErrNotInstalled)
		}
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	b := &Balancer{address: fmt.Sprintf("127.0.0.1:%d", port)}
	cmd := exec.Command(path, "-db", "-f", config)
	cmd.Env = append(os.Environ(), "SALESBENCH_FRONT="+b.address)
	for i, replica := range replicas {
		cmd.Env = append(cmd.Env, fmt.Sprintf("SALESBENCH_%d=%s", i+1, replica))
	}
	log := filepath.Join(r.dir, r.name("haproxy")+".log")
	if b.process, err = r.spawn(cmd, log); err != nil {
		return nil, err
	}
	r.atEnd(func() error { return b.process.end(syscall.SIGTERM, 10*time.Second) })
	err = poll(readyPatience, 20*time.Millisecond, b.process.ended, func() error {
		response, err := http.Get(b.URL() + "/readyz")
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("it answers %s", response.Status)
		}
		return errors.Join(err, response.Body.Close())
	})
	if err != nil {
		return nil, fmt.Errorf("HAProxy on %s: %w\n%s", b.address, err, lastLines(log, 20))
	}
	return b, nil
}

// URL is the address of the service behind the balancer.
func (b *Balancer) URL() string { return "http://" + b.address }

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}
