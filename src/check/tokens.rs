//! A proxy that knows the hosts that hand out tokens, and no other: for clients that outlive a case.

use http::StatusCode;
use jiff::Timestamp;

use crate::{
    proxy::{Answer, Authority, Handler, NoWayOut, Request, Route, collect, problem},
    simulate::identity,
};

/// More than any request for a token has.
const LARGEST_REQUEST: usize = 64 * 1024;

pub(super) struct Tokens;

impl Handler for Tokens {
    type Way = NoWayOut;

    fn route(&self, authority: &Authority) -> Route<NoWayOut> {
        if identity::is_identity_host(&authority.host) {
            return Route::Serve;
        }
        Route::Refuse(format!("{} hands out no tokens, and nothing here leaves this machine", authority.host))
    }

    async fn answer(&self, request: Request) -> Answer {
        let Request { method, target, scheme, authority, endpoint, headers, body, .. } = request;
        let Ok(body) = collect(body, LARGEST_REQUEST).await else { return Answer::Close };
        let base = authority.map_or(endpoint, |authority| format!("{scheme}://{}", authority.text));
        let mut asked = http::Request::new(body);
        *asked.method_mut() = method;
        *asked.headers_mut() = headers;
        if let Ok(uri) = format!("{base}{target}").parse() {
            *asked.uri_mut() = uri;
        }
        match identity::answer(&asked, Timestamp::now()) {
            Some(response) => response.into(),
            None => problem(StatusCode::NOT_FOUND, "ArmtapeNoToken", "there are tokens here, and nothing else").into(),
        }
    }
}
