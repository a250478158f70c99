package dashboards_test

import (
	"testing"

	"brume/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
