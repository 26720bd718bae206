// Package peers measures the panel beside other engines: DuckDB, PostgreSQL and
// R's data.table count the same answers of the same responses in the same run,
// and must come to the same numbers. It is a module of its own, so that the
// program does not depend on any of them. Run it by make bench-panel.
package peers
