//! A client that creates a hub: a write, polls, a read.

use std::path::Path;

use armtape::client::{Https, HttpsSettings, Transport as _};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::Value;

pub(crate) const HOST: &str = "management.azure.com";

pub(crate) fn hub(subscription: &str) -> String {
    hub_named(subscription, "h")
}

pub(crate) fn hub_named(subscription: &str, name: &str) -> String {
    let hubs = format!("/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs");
    format!("{hubs}/{name}?api-version=1")
}

pub(crate) struct Client {
    pub(crate) https: Https,
}

impl Client {
    pub(crate) fn at(settings: &HttpsSettings) -> Self {
        Self { https: Https::new(settings).unwrap() }
    }

    pub(crate) fn trusting(ca_file: &Path) -> Self {
        Self::at(&HttpsSettings { ca: Some(ca_file.to_owned()), ..HttpsSettings::default() })
    }

    pub(crate) async fn send(&self, method: &str, url: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(url).header("authorization", "Bearer canary-sent");
        let request = request.header("content-type", "application/json");
        self.https.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await.unwrap()
    }

    /// Creates a hub, polls to the end, reads it; the polling URL and what was read.
    pub(crate) async fn create(&self, endpoint: &str, hub: impl AsRef<str>) -> (String, Value) {
        let url = format!("{endpoint}{}", hub.as_ref());
        let accepted = self.send("PUT", &url, r#"{"location":"westus"}"#).await;
        assert_eq!(accepted.status(), StatusCode::ACCEPTED);
        let location = accepted.headers()[header::LOCATION].to_str().unwrap().to_owned();
        while self.send("GET", &location, "").await.status() == StatusCode::ACCEPTED {}
        let read = self.send("GET", &url, "").await;
        (location, serde_json::from_slice(read.body()).unwrap())
    }
}
