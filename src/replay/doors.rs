//! Clients that were given an endpoint: the service behind it and those at listeners beside it, and
//! how each is called in their URLs.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use super::Script;
use crate::proxy::{Request, Swap, listen_at};

/// A listener at which a service beside the tape's own is found by clients that were given an endpoint.
#[derive(Clone, Debug)]
pub struct Door {
    /// Scheme and authority on the tape, as in [`super::Script::foreign`].
    pub taped: (String, String),
    /// Where it listens.
    pub at: SocketAddr,
}

/// The endpoint and the doors beside it.
pub(super) struct Doors {
    /// The tape's own service, as it stands in URLs.
    own: Option<Arc<str>>,
    /// The endpoint's host and port.
    endpoint: String,
    beside: Vec<Beside>,
}

struct Beside {
    door: Door,
    /// Its service, as it stands in URLs.
    taped: Arc<str>,
}

impl Doors {
    /// The endpoint of the service of this scheme and authority, alone.
    pub(super) fn to(own: Option<(&str, &str)>) -> Self {
        let own = own.map(|(scheme, authority)| format!("{scheme}://{authority}").into());
        Self { own, endpoint: String::new(), beside: Vec::new() }
    }

    /// With `doors` beside `endpoint`.
    pub(super) fn with(self, endpoint: &str, doors: Vec<Door>) -> Self {
        let beside = doors.into_iter().map(|door| {
            let (scheme, authority) = &door.taped;
            Beside { taped: format!("{scheme}://{authority}").into(), door }
        });
        Self { endpoint: endpoint.to_owned(), beside: beside.collect(), ..self }
    }

    /// The door by which a request came that is not meant for the tape's own service.
    pub(super) fn of(&self, request: &Request) -> Option<&Door> {
        if self.beside.is_empty() || request.authority.is_some() {
            return None;
        }
        let at: SocketAddr = request.endpoint.split_once("://")?.1.parse().ok()?;
        self.beside.iter().map(|beside| &beside.door).find(|door| door.at == at)
    }

    /// What stands for the services in the URLs of a client that was given an endpoint.
    pub(super) fn swaps(&self, request: &Request) -> Vec<Swap> {
        if request.authority.is_some() {
            return Vec::new();
        }
        // A client that does without TLS does so at every door.
        let wire = request.endpoint.split_once("://").map_or("https", |(wire, _)| wire);
        let own = self.own.as_ref().map(|own| match self.of(request) {
            Some(_) => Swap::new(Arc::clone(own), format!("{wire}://{}", self.endpoint)),
            None => Swap::new(Arc::clone(own), request.endpoint.as_str()),
        });
        let others = self
            .beside
            .iter()
            .map(|Beside { door, taped }| Swap::new(Arc::clone(taped), format!("{wire}://{}", door.at)));
        own.into_iter().chain(others).collect()
    }
}

/// A door at which somebody listens already, and nobody is let in yet.
#[derive(Debug)]
pub struct OpenDoor {
    /// The door.
    pub door: Door,
    /// The address that it was to have, if this machine had it.
    pub meant: Ipv4Addr,
    /// Who listens there.
    pub listener: TcpListener,
}

/// Opens a door for each service beside the tape's own: another service is another address of this
/// machine, so that clients that look at names see two.
///
/// # Errors
///
/// Where the machine refuses a port, or there are more services than addresses.
pub fn open_doors(script: &Script) -> io::Result<Vec<OpenDoor>> {
    let addresses = (2..u8::MAX).map(|last| Ipv4Addr::new(127, 0, 0, last));
    let open = |(taped, meant): (&(String, String), Ipv4Addr)| {
        let listener = listen_at(meant)?;
        Ok(OpenDoor { door: Door { taped: taped.clone(), at: listener.local_addr()? }, meant, listener })
    };
    let (services, most) = (script.foreign().len(), addresses.len());
    if services > most {
        return Err(io::Error::other(format!(
            "{services} services beside the tape's own, of which {most} can be served"
        )));
    }
    script.foreign().iter().zip(addresses).map(open).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{cassette::Cassette, replay::Rules};

    /// A list whose pages lie at so many services beside the first.
    fn pages(services: usize) -> Script {
        let page = |number: usize| {
            let host = |number| format!("h{number}.example.com");
            let next = format!("https://{}/pages?page={number}", host(number + 1));
            let body = json!({ "value": [], "nextLink": if number < services { json!(next) } else { json!(null) } });
            let request =
                json!({ "method": "GET", "authority": host(number), "target": format!("/pages?page={number}") });
            json!({ "request": request, "response": { "status": 200, "body": { "json": body } } })
        };
        let pages: Vec<_> = (0..=services).map(page).collect();
        let text = json!({ "armtape": 1, "interactions": pages }).to_string();
        let cassette = Cassette::from_bytes(text.as_bytes(), "pages.json".as_ref()).unwrap();
        Script::new(cassette, Rules::default())
    }

    #[test]
    fn no_service_is_left_out_in_silence() {
        assert_eq!(pages(3).foreign().len(), 3);
        let error = open_doors(&pages(300)).unwrap_err();
        assert_eq!(error.to_string(), "300 services beside the tape's own, of which 253 can be served");
    }
}
