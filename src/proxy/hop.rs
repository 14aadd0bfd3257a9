//! Headers that concern one connection only (RFC 9110 section 7.6.1): never forwarded.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::Body;

/// Makes a request's headers those of the next hop: hop-by-hop headers off, those that
/// `Connection` names among them; the client's wish for trailers is passed on.
///
/// A body of unknown length gets its chunks said: hyper sends none by itself with GET and its kin.
pub fn next_hop_request(headers: &mut HeaderMap, body: &impl Body) {
    let trailers = headers
        .get_all(header::TE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("trailers"));
    remove_hop_by_hop(headers);
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
    }
    let unknown = !body.is_end_stream() && body.size_hint().exact().is_none();
    if unknown && !headers.contains_key(header::CONTENT_LENGTH) {
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// Makes an answer's headers those of the next hop. Where chunks framed it, a length beside them
/// is no truth (RFC 9112 section 6.3): it must not frame the answer for the client.
pub fn next_hop_response(headers: &mut HeaderMap) {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        headers.remove(header::CONTENT_LENGTH);
    }
    remove_hop_by_hop(headers);
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [
        header::CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
}
