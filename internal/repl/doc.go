// Package repl is the live console: a prompt at which clauses are typed, traced
// at once, looked at, changed and dropped, while the others run on.
//
// The model: a clause is a live, numbered snippet. Each entry is compiled as a
// unit of one runtime.Session, so that all clauses share the maps of the
// session, and what is done to one does not stop another. A map's types are
// settled by the first clause that uses it. An expression is a query: it is
// evaluated here, on what the maps hold now, with floats, sorting and
// percentiles; what only the kernel knows is asked of it by a program that
// runs once. A word with a dot before it is a command.
//
// Output has one way to the terminal, the screen: what clauses print is drawn
// above the line being edited, at most twenty times a second, and what a
// command prints follows what was there before it. Nothing that prints can
// block the keys, nor hold up the tracing.
//
// Without a terminal the console reads lines, prints no prompt, and is else the
// same: a session can be replayed from a file.
package repl
