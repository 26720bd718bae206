package rig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Disk is a small file system in memory of its own.
type Disk struct {
	Dir     string
	ballast string
}

// ErrNotAllowed is the error of a mount that this account may not make.
var ErrNotAllowed = errors.New("mounting a file system needs root")

// MountDisk makes a file system of so many megabytes.
func (r *Rig) MountDisk(megabytes int) (*Disk, error) {
	dir, err := r.Dir("disk")
	if err != nil {
		return nil, err
	}
	err = syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0711,size="+strconv.Itoa(megabytes)+"m")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("%w: %w", ErrNotAllowed, err)
	}
	if err != nil {
		return nil, fmt.Errorf("mounting a tmpfs on %s: %w", dir, err)
	}
	r.tell("mount", dir)
	r.atEnd(func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) })
	return &Disk{Dir: dir, ballast: filepath.Join(dir, "ballast")}, nil
}

// Fill writes a file until so many bytes are left free.
func (d *Disk) Fill(leave int64) error {
	file, err := os.OpenFile(d.ballast, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	block := make([]byte, 4096)
	for err == nil {
		var free int64
		if free, err = d.Free(); err != nil || free < leave+int64(len(block)) {
			break
		}
		_, err = file.Write(block)
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = nil
	}
	return errors.Join(err, file.Close())
}

// Empty removes what Fill wrote.
func (d *Disk) Empty() error { return os.Remove(d.ballast) }

// ReadOnly lets the file system take no changes, or take them again.
func (d *Disk) ReadOnly(yes bool) error {
	flags := uintptr(syscall.MS_REMOUNT)
	if yes {
		flags |= syscall.MS_RDONLY
	}
	return syscall.Mount("tmpfs", d.Dir, "tmpfs", flags, "")
}

// Free is how many bytes are left.
func (d *Disk) Free() (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.Dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
