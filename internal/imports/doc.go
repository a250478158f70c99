// Package imports freezes who may import whom. It holds only a test: the
// promises of docs/architecture that code cannot break without being linked.
package imports
