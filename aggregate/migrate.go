package aggregate

import (
	"context"
	"errors"
	"fmt"

	"brume/internal/clickhouse"
	schema "brume/schemas/clickhouse"
)

// ErrMigration says that the database was migrated by other files than ours.
var ErrMigration = errors.New("applied migration differs from this program's")

// Migrate brings the database to the newest schema, as the migrator user. A
// migration is recorded after its last statement: one cut short runs again,
// which its statements allow.
func Migrate(ctx context.Context, ch *clickhouse.Client) error {
	all, err := schema.Migrations()
	if err != nil {
		return err
	}
	return migrate(ctx, ch, all)
}

func migrate(ctx context.Context, ch *clickhouse.Client, all []schema.Migration) error {
	for _, statement := range schema.Statements(sqlText("create_migrations")) {
		if err := ch.Exec(ctx, statement); err != nil {
			return fmt.Errorf("creating the table of migrations: %w", err)
		}
	}
	applied, err := appliedMigrations(ctx, ch)
	if err != nil {
		return err
	}
	for version := range applied {
		if int(version) > len(all) {
			return fmt.Errorf("migration %04d: %w: the database is newer", version, ErrMigration)
		}
	}
	for _, m := range all {
		hash, done := applied[m.Version]
		if done && hash != m.Hash {
			return fmt.Errorf("migration %s: %w", m.Name, ErrMigration)
		}
		if done {
			continue
		}
		for _, statement := range m.Statements {
			if err := ch.Exec(ctx, statement); err != nil {
				return fmt.Errorf("migration %s: %w", m.Name, err)
			}
		}
		if err := ch.Exec(ctx, sqlText("record_migration"),
			clickhouse.Param("version", m.Version), clickhouse.Param("name", m.Name), clickhouse.Param("hash", m.Hash)); err != nil {
			return fmt.Errorf("recording migration %s: %w", m.Name, err)
		}
	}
	return nil
}

func appliedMigrations(ctx context.Context, ch *clickhouse.Client) (map[uint32]string, error) {
	rows, err := ch.Query(ctx, sqlText("applied_migrations"))
	if err != nil {
		return nil, fmt.Errorf("reading applied migrations: %w", err)
	}
	defer rows.Close()
	applied := map[uint32]string{}
	for rows.Next() {
		var version uint32
		var hash string
		if err := rows.Scan(&version, &hash); err != nil {
			return nil, fmt.Errorf("reading applied migrations: %w", err)
		}
		applied[version] = hash
	}
	return applied, rows.Err()
}
