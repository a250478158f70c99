// Package httpserver serves HTTP with limits that a hostile client cannot
// lift, and ends gracefully.
package httpserver
