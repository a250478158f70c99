// Package embedded runs the two engines inside the product: a durable broker
// that speaks the Kafka protocol, and the real ClickHouse, loaded from
// libchdb into a supervised child process of our own binary.
//
// The services see addresses only: nothing outside this package and cmd can
// tell these from clusters. Every main, and TestMain of every test binary
// that starts ClickHouse, MUST call MaybeRunChild before anything else.
package embedded
