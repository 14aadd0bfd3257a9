//! Listener, TLS, CONNECT, HTTP/1.1 and HTTP/2, upstream client. Knows no cassette.
