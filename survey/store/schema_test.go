package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	_ "modernc.org/sqlite" // the driver named sqlite
)

// open looks at a database past the store.
func open(t *testing.T, config store.Config) *sql.DB {
	t.Helper()
	driver, address := "sqlite", config.Path
	if config.URL != "" {
		driver, address = "pgx", config.URL
	}
	db := must[*sql.DB](t)(sql.Open(driver, address))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// lines collects a query of one text column.
func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows := must[*sql.Rows](t)(db.Query(query))
	defer rows.Close()
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// own leaves out what belongs to the migration tool and to the engine.
const own = " NOT IN ('schema_versions', 'schema_lock', 'sqlite_sequence')"

const catalogSQLite = `SELECT type || ' ' || name || ': ' || sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name` + own

const catalogPostgres = `
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
	FROM information_schema.columns WHERE table_schema = 'public' AND table_name` + own + `
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
	FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text` + own + `
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename` + own + `
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'view ' || viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'`

var spaces = regexp.MustCompile(`\s+`)

func catalog(t *testing.T, config store.Config) []string {
	query := catalogSQLite
	if config.URL != "" {
		query = catalogPostgres
	}
	all := lines(t, open(t, config), query)
	for i := range all {
		all[i] = strings.TrimSpace(spaces.ReplaceAllString(all[i], " "))
	}
	slices.Sort(all)
	return all
}

func TestMigrationsLeadToTheDeclaredSchema(t *testing.T) {
	declared := func(t *testing.T, config store.Config, file string) store.Config {
		schema := string(must[[]byte](t)(os.ReadFile(filepath.Join("schema", file))))
		if _, err := open(t, config).Exec(schema); err != nil {
			t.Fatal(err)
		}
		return config
	}
	compare := func(t *testing.T, migrated, declared []string) {
		if len(declared) < 15 {
			t.Fatalf("the catalog shows only %d objects", len(declared))
		}
		for _, line := range migrated {
			if !slices.Contains(declared, line) {
				t.Errorf("migrated, but not declared:\n%s", line)
			}
		}
		for _, line := range declared {
			if !slices.Contains(migrated, line) {
				t.Errorf("declared, but not migrated:\n%s", line)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		config := storetest.SQLite(t)
		storetest.Open(t, config)
		empty := store.Config{Path: filepath.Join(t.TempDir(), "declared.db")}
		compare(t, catalog(t, config), catalog(t, declared(t, empty, "sqlite.sql")))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		empty := store.Config{URL: storetest.EmptyPostgresURL(t)}
		compare(t, catalog(t, storetest.Postgres(t)), catalog(t, declared(t, empty, "postgres.sql")))
	})
}

// names finds what both dialects must have in common.
var names = regexp.MustCompile(`(?m)^(CREATE TABLE \w+|CREATE (UNIQUE )?INDEX \w+ ON .*|CREATE VIEW \w+|    CONSTRAINT \w+ .*|    [a-z_]+ (uuid|text|integer|bigint|real|double precision|timestamptz|timestamp|bytea|blob)( NOT NULL)?),?`)

var types = strings.NewReplacer(" uuid", " text", " bigint", " integer", " double precision", " real", " timestamptz", " timestamp", " bytea", " blob")

func TestBothDialectsDeclareTheSameTablesColumnsAndConstraints(t *testing.T) {
	sqlite := names.FindAllString(string(must[[]byte](t)(os.ReadFile("schema/sqlite.sql"))), -1)
	postgres := names.FindAllString(types.Replace(string(must[[]byte](t)(os.ReadFile("schema/postgres.sql")))), -1)
	if len(sqlite) < 150 || !slices.Equal(sqlite, postgres) {
		t.Errorf("the dialects differ, or %d declarations are too few:\n%s", len(sqlite), diff(sqlite, postgres))
	}
}

func diff(a, b []string) string {
	var out []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}
