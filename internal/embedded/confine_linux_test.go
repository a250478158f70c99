package embedded_test

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
)

// The library's file() knows no grants: the kernel has to say no.
func TestSQLCannotReadOtherFiles(t *testing.T) {
	if abi, _, _ := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); int(abi) < 4 {
		testenv.Missing(t, "this kernel has no Landlock, or an old one (%d)", int(abi))
	}
	t.Setenv("BRUME_TEST_SECRET", "secret")
	dir := t.TempDir()
	ch := start(t, embedded.ClickHouseConfig{Dir: dir})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{embedded.Dashboards, embedded.Migrator} {
		db := open(t, ch, user)
		ctx := within(t, 10*time.Second)
		for _, path := range []string{"/etc/passwd", self, embedded.PasswordFile(dir, embedded.Migrator)} {
			if _, err := run(ctx, db, "SELECT file('"+path+"')"); clickhouse.Code(err) != 76 { // cannot open
				t.Errorf("%s reads %s: %v", user, path, err)
			}
		}
		rows, err := run(ctx, db, "SELECT 1 WHERE position(file('/proc/self/environ'), 'BRUME_TEST_SECRET') > 0")
		if err != nil || rows != 0 {
			t.Errorf("%s: our environment reached the child (%v)", user, err)
		}
	}
}
