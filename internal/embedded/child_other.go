//go:build !linux

package embedded

import (
	"errors"
	"syscall"
)

var errNotConfined = errors.New("only Linux can confine the server to its data")

func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func confine(string) error { return errNotConfined }
