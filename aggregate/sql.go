package aggregate

import "embed"

//go:embed sql/*.sql
var sqlFiles embed.FS

// sqlText returns the statement in sql/<name>.sql. A missing file is a fault
// of the build, which every test of the loader finds.
func sqlText(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}
