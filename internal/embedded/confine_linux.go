package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rights of Landlock, the kernel's own sandbox, by what they are good for.
const (
	mayRead = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayKeep = mayRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
	everything = mayKeep | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_MAKE_CHAR |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK

	// landlockABI is the first version that can rename between folders,
	// truncate, and forbid connections.
	landlockABI = 4
)

var errNotConfined = errors.New("this kernel cannot confine the server to its data (Landlock is missing)")

// confine takes from this thread, and from all that it will start, every file
// but the server's own, and every outgoing connection. Without it SQL could
// read files with file() as any user, whatever the grants: the library takes
// itself for a command-line tool. It MUST run on a locked thread.
func confine(configFile string) error {
	abi, _, _ := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if int(abi) < landlockABI {
		return errNotConfined
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: everything, Handled_access_net: unix.LANDLOCK_ACCESS_NET_CONNECT_TCP}
	ruleset, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return fmt.Errorf("making a Landlock ruleset: %w", errno)
	}
	defer unix.Close(int(ruleset))
	dir := filepath.Dir(configFile)
	for _, rule := range []struct {
		path   string
		rights uint64
	}{
		{filepath.Join(dir, "data"), mayKeep},
		{configFile, unix.LANDLOCK_ACCESS_FS_READ_FILE},
		{filepath.Join(dir, "users.xml"), unix.LANDLOCK_ACCESS_FS_READ_FILE},
		{"/proc", mayRead},
		{"/sys", mayRead},
		{"/usr/share/zoneinfo", mayRead},
		{"/etc/localtime", unix.LANDLOCK_ACCESS_FS_READ_FILE},
		{"/dev/null", unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE},
		{"/dev/urandom", unix.LANDLOCK_ACCESS_FS_READ_FILE},
	} {
		if err := allow(int(ruleset), rule.path, rule.rights); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("allowing %s: %w", rule.path, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0); errno != 0 {
		return fmt.Errorf("confining the server: %w", errno)
	}
	return nil
}

func allow(ruleset int, path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
