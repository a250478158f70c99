// Package mapping turns a valid statement into an event: the declarative rules
// of one publisher say where school, level and subject stand, and everything
// that they do not name is dropped.
//
// A mapping can point only at places that hold no person: a pointer to an
// actor's name does not load.
package mapping
