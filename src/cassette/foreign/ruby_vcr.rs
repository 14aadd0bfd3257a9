//! The cassettes of Ruby's VCR (YAML, or JSON).
//!
//! A mapping with `http_interactions` and `recorded_with`. Methods are in lower case, and each
//! interaction says when it was recorded.

use std::path::Path;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    clock::{self, Moment},
    exchange::{Exchange, Words},
    shape::Part,
    vcr::{Body, Request, Response},
    yaml,
};
use crate::cassette::{Cassette, Error};

const WORDS: Words =
    Words { format: "ruby-vcr", method: "request.method", url: "request.uri", status: "response.status.code" };

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    http_interactions: Option<Vec<Spanned<Interaction>>>,
}

#[derive(Deserialize)]
struct Interaction {
    request: Request<Body>,
    response: Response,
    #[serde(default)]
    recorded_at: Option<String>,
}

/// Whether the content is YAML or JSON with `http_interactions`.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    yaml::around_key(bytes, b"http_interactions").is_some() || yaml::is_json_list(bytes, b"\"http_interactions\"")
}

/// Reads a cassette. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let (mut interactions, mut moments) = (Vec::new(), Vec::new());
    for document in yaml::documents(&yaml::with_whole_letters(bytes), Part::whole(path))? {
        let file: File = document.parse(Part::whole(path))?;
        for (number, entry) in file.http_interactions.into_iter().flatten().enumerate() {
            let json_path = format!("http_interactions[{number}]");
            let part = Part { path, json_path: &json_path, line: document.line(entry.referenced) };
            let Interaction { request, response, recorded_at } = entry.value;
            let recorded_at = recorded_at.as_deref().and_then(clock::http_date);
            let exchange = request.into_exchange(response, part, Body::into_bytes)?;
            let exchange = Exchange { method: exchange.method.to_ascii_uppercase(), ..exchange };
            let interaction = exchange.into_interaction(&WORDS, part)?;
            moments.push(Moment::of_date(&interaction).or(recorded_at.map(Moment::at)));
            interactions.push(interaction);
        }
    }
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}
