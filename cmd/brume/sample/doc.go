// Package sample tries a mapping on a publisher's own file of statements and
// says what each becomes, or why it is refused or dropped.
package sample
