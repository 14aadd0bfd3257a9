//! What every answer of ARM has in common: its headers, its errors, its ids.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// The part of an answer that depends on the question.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
}

impl Reply {
    /// An answer with a JSON body.
    pub(super) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// An error in ARM's envelope (E1).
    pub(super) fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::json(status, json!({ "error": { "code": code, "message": message.into() } }))
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer as it is sent, without what only ARM adds. The server computes `content-length`.
    pub(super) fn into_response(self, now: Timestamp) -> Response<Bytes> {
        let has_body = self.body.is_some();
        let mut response = Response::new(self.body.map_or_else(Bytes::new, |body| body.to_string().into()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if has_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        headers.insert(header::EXPIRES, HeaderValue::from_static("-1"));
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
        put(headers, header::DATE, &http_date(now));
        for (name, value) in &self.headers {
            put(headers, name.clone(), value);
        }
        response
    }
}

/// The front desk of ARM: counts and numbers the requests of one service.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) ids: Ids,
    reads: u32,
    writes: u32,
}

impl Desk {
    pub(super) fn new(seed: u64) -> Self {
        // The hourly budgets that ARM shows to a subscription (section 3.3, older figures). Others have
        // used some of them, never twice the same.
        let used = u32::try_from(seed % 1_000).unwrap_or_default();
        Self { ids: Ids::new(seed), reads: 12_000 - used, writes: 1_200 - used }
    }

    /// The whole answer to `request`.
    pub(super) fn finish<B>(&mut self, reply: Reply, request: &http::Request<B>, now: Timestamp) -> Response<Bytes> {
        let request_id = self.ids.uuid().to_string();
        let hop = self.ids.uuid().to_string();
        let asked = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let mut response = reply.into_response(now);
        let headers = response.headers_mut();
        let put = |headers: &mut HeaderMap, name, value: &str| put(headers, HeaderName::from_static(name), value);
        put(headers, "x-ms-request-id", &request_id);
        put(headers, "x-ms-correlation-request-id", asked("x-ms-correlation-request-id").unwrap_or(&hop));
        put(headers, "x-ms-routing-request-id", &format!("EASTUS:{}:{hop}", now.strftime("%Y%m%dT%H%M%SZ")));
        if asked("x-ms-return-client-request-id").is_some_and(|value| value.eq_ignore_ascii_case("true"))
            && let Some(id) = asked("x-ms-client-request-id")
        {
            put(headers, "x-ms-client-request-id", id);
        }
        if request.method().is_safe() {
            self.reads = self.reads.saturating_sub(1);
            put(headers, "x-ms-ratelimit-remaining-subscription-reads", &self.reads.to_string());
        } else {
            self.writes = self.writes.saturating_sub(1);
            put(headers, "x-ms-ratelimit-remaining-subscription-writes", &self.writes.to_string());
        }
        response
    }
}

/// Ids that look random: the same seed gives the same ids, so that a test can say what it expects.
#[derive(Clone, Debug)]
pub(super) struct Ids(u64);

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        let bytes = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A number of that range, its ends included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        let numbers = u64::from(most - least) + 1;
        least + u32::try_from(self.next() % numbers).unwrap_or_default()
    }

    /// SplitMix64: eight lines, and no state that a neighbouring seed would share.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The date of HTTP (IMF-fixdate).
pub(super) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Sets a header. A value that HTTP cannot carry is left out: it can only be an echo of what the
/// client sent.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_an_imf_fixdate() {
        let time: Timestamp = "2017-04-06T02:03:04Z".parse().unwrap();
        assert_eq!(http_date(time), "Thu, 06 Apr 2017 02:03:04 GMT");
    }

    #[test]
    fn ids_follow_the_seed_and_differ() {
        let (mut one, mut same, mut other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        let first = one.uuid();
        assert_eq!(first, same.uuid());
        assert_ne!(first, other.uuid());
        assert_ne!(first, one.uuid());
        assert_eq!(first.get_version_num(), 4);
    }

    #[test]
    fn echoes_ids_only_where_arm_does() {
        let request = http::Request::get("/")
            .header("x-ms-correlation-request-id", "mine")
            .header("x-ms-client-request-id", "client")
            .body(())
            .unwrap();
        let mut desk = Desk::new(1);
        let reply = || Reply::empty(StatusCode::NO_CONTENT);
        let first = desk.finish(reply(), &request, Timestamp::UNIX_EPOCH);
        assert_eq!(first.headers()["x-ms-correlation-request-id"], "mine");
        assert!(!first.headers().contains_key("x-ms-client-request-id"));
        assert!(!first.headers().contains_key(header::CONTENT_TYPE));
        assert_eq!(first.headers()["x-ms-ratelimit-remaining-subscription-reads"], "11998");
        let second = desk.finish(reply(), &request, Timestamp::UNIX_EPOCH);
        assert_eq!(second.headers()["x-ms-ratelimit-remaining-subscription-reads"], "11997");
        assert_ne!(first.headers()["x-ms-request-id"], second.headers()["x-ms-request-id"]);
    }
}
