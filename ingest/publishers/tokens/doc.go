// Package tokens checks the access tokens that publishers get from an identity
// server for themselves (OAuth2 client credentials): signed JWTs, against the
// server's published keys.
//
// It says which client a token was given to. Whether that client may send is
// the registry's to say, at every request.
package tokens
