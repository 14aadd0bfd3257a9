//! What is time is no change: whether two recordings say the same, apart from when they were made.
//!
//! Plain for now: equal exchanges in equal order, but for the clock. Operations that are aligned,
//! and the number of running polls, come with `arm::align`.

use super::{Cassette, Headers};

/// Headers whose values say when and by whom an answer was made, never what it says.
const VOLATILE: &[&str] = &[
    "date",
    "expires",
    "last-modified",
    "x-ms-arm-service-request-id",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-request-id",
    "x-ms-routing-request-id",
    "x-msedge-ref",
];

/// The cassette without what differs from one recording to the next.
pub(super) fn facts(cassette: &Cassette) -> Cassette {
    let mut facts = cassette.clone();
    facts.recorded = None;
    for interaction in &mut facts.interactions {
        interaction.times = None;
        interaction.connection = None;
        steady(&mut interaction.request.headers);
        if let Some(response) = &mut interaction.response {
            steady(&mut response.headers);
        }
    }
    facts
}

fn steady(headers: &mut Headers) {
    let volatile: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| VOLATILE.contains(&name.as_str()) || name.starts_with("x-ms-ratelimit-"))
        .collect();
    for name in volatile {
        headers.set(&name, "");
    }
}
