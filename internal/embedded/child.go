package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
)

const (
	childEnv = "BRUME_CHDB_CHILD"
	// parentFD is the child's end of a pipe that nobody writes to: it reads
	// EOF when the parent is gone, however it went.
	parentFD = 3
	// lastWords is how long ClickHouse may take to end in order.
	lastWords = 3 * time.Second
)

// What the library's session runs: it opens the native port, HTTP only where
// the configuration names its port (the statement alone would open 8123), and
// then stays busy for ever: returning would end the server.
const (
	listen     = "SYSTEM START LISTEN TCP; "
	listenHTTP = "SYSTEM START LISTEN HTTP; "
	wait       = "SELECT sleepEachRow(1) FROM system.numbers SETTINGS max_block_size=1, " +
		"function_sleep_max_microseconds_per_block=0 FORMAT Null"
)

// hooked tells that a child of this binary would become a server, and not
// this program again, and again.
var hooked atomic.Bool

var errNotHooked = errors.New("this program does not begin with embedded.MaybeRunChild")

// MaybeRunChild turns this process into the ClickHouse server when it was
// started as one, and then never returns; otherwise it returns at once.
func MaybeRunChild() {
	hooked.Store(true)
	if os.Getenv(childEnv) != "1" {
		return
	}
	os.Unsetenv(childEnv)
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "brume: the ClickHouse child takes a library and a configuration file")
		os.Exit(2)
	}
	go followParent()
	os.Exit(runLibrary(os.Args[1], os.Args[2]))
}

// childCommand is the command line of the server process.
func childCommand(ctx context.Context, configFile string) (*exec.Cmd, error) {
	lib, err := Libchdb()
	if err == nil {
		if !hooked.Load() {
			return nil, errNotHooked
		}
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding our own binary: %w", err)
		}
		cmd := exec.CommandContext(ctx, self, lib, configFile)
		cmd.Env = []string{childEnv + "=1", "TZ=" + os.Getenv("TZ")} // SQL can read it
		return cmd, nil
	}
	if path, lookErr := exec.LookPath("clickhouse"); lookErr == nil {
		cmd := exec.CommandContext(ctx, path, "server", "-C", configFile)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		return cmd, nil
	}
	return nil, err
}

// followParent ends this process when the parent has ended.
func followParent() {
	pipe := os.NewFile(parentFD, "parent")
	_, _ = io.Copy(io.Discard, pipe)
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	time.Sleep(lastWords)
	os.Exit(1)
}

// runLibrary is ClickHouse: it returns when the server has ended.
func runLibrary(lib, configFile string) int {
	runtime.LockOSThread()
	config, err := os.ReadFile(configFile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "brume: reading ClickHouse's configuration:", err)
		return 2
	}
	session := listen + wait
	if bytes.Contains(config, []byte("<http_port>")) {
		session = listen + listenHTTP + wait
	}
	handle, err := purego.Dlopen(lib, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		fmt.Fprintln(os.Stderr, "brume: loading libchdb:", err)
		return 2
	}
	if err := confine(configFile); errors.Is(err, errNotConfined) {
		fmt.Fprintln(os.Stderr, "brume:", err)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "brume:", err)
		return 2
	}
	var cmdline func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	purego.RegisterLibFunc(&cmdline, handle, "chdb_query_cmdline")
	args := []string{"clickhouse", "-C", configFile, "--query", session}
	argv := make([]*byte, len(args)+1)
	for i, arg := range args {
		argv[i] = &append([]byte(arg), 0)[0]
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, p := range argv[:len(args)] {
		pin.Pin(p)
	}
	cmdline(int32(len(args)), unsafe.Pointer(&argv[0]))
	return 1
}
