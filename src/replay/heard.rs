//! A request as the tape is asked for it: with its whole body, in the words of the services.

use bytes::Bytes;

use super::{doors::Doors, key::Asked, rules::Rules};
use crate::{
    arm::authority_key,
    proxy::{Body, Request, Swap, Unread, collect, empty},
};

/// Largest request body that is compared; ARM refuses more than 4 MB. A recording keeps no larger one.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// A request with its whole body.
pub(super) struct Heard {
    /// The body is taken out.
    pub(super) request: Request,
    /// The host that it is meant for, as it is compared; `None`: the service behind the endpoint.
    host: Option<String>,
    /// The body as it came; of one that is too large, as far as it was read.
    pub(super) sent: Bytes,
    /// The body with the services' hosts in the place of armtape's.
    pub(super) body: Bytes,
    pub(super) swaps: Vec<Swap>,
    /// What follows a body that is too large. Such a request is found where the tape lacks its body, too.
    pub(super) rest: Option<Body>,
}

impl Heard {
    /// `None`: the body did not come to its end.
    pub(super) async fn of(mut request: Request, doors: &Doors) -> Option<Self> {
        let (sent, rest) = match collect(std::mem::replace(&mut request.body, empty()), LARGEST).await {
            Ok(sent) => (sent, None),
            Err(Unread::TooLarge(read, rest)) => (read, Some(rest)),
            Err(Unread::Cut(_)) => return None,
        };
        let swaps = doors.swaps(&request);
        let body = swaps.iter().fold(sent.clone(), |body, swap| swap.back().bytes(&body));
        let host = match &request.authority {
            Some(authority) => Some(authority_key(Some(request.scheme), &authority.text)),
            None => doors.of(&request).map(|door| door.taped.1.clone()),
        };
        Some(Self { request, host, sent, body, swaps, rest })
    }

    pub(super) fn asked(&self, rules: &Rules) -> Asked<'_> {
        let Self { request, body, host, .. } = self;
        let headers = rules.compared(&request.headers);
        Asked { method: request.method.as_str(), host: host.as_deref(), target: &request.target, headers, body }
    }
}
