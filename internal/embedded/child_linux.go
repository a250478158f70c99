package embedded

import "syscall"

// dieWithParent asks the kernel to end the child with the thread that made
// it; the pipe does the same on systems without this.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
}
