//! The cassettes of VCR.py (YAML, or JSON).
//!
//! A mapping with `interactions`, and `version` behind them. Header values are lists, or plain
//! strings where the asynchronous clients were recorded.

use std::path::Path;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    clock::{self, Moment},
    exchange::Words,
    shape::Part,
    vcr::{Request, Response},
    yaml::{self, Scalar},
};
use crate::cassette::{Cassette, Error};

const WORDS: Words =
    Words { format: "vcrpy", method: "request.method", url: "request.uri", status: "response.status.code" };

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    interactions: Option<Vec<Spanned<Interaction>>>,
}

#[derive(Deserialize)]
struct Interaction {
    request: Request<Scalar>,
    response: Response,
}

/// Whether the content is YAML or JSON with `interactions`. Those of go-vcr are, too: they are to be looked
/// for first.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    yaml::around_key(bytes, b"interactions").is_some() || yaml::is_json_list(bytes, b"\"interactions\"")
}

/// Reads a cassette. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let mut interactions = Vec::new();
    for document in yaml::documents(&yaml::with_whole_letters(bytes), Part::whole(path))? {
        let file: File = document.parse(Part::whole(path))?;
        for (number, entry) in file.interactions.into_iter().flatten().enumerate() {
            let json_path = format!("interactions[{number}]");
            let part = Part { path, json_path: &json_path, line: document.line(entry.referenced) };
            let Interaction { request, response } = entry.value;
            let exchange = request.into_exchange(response, part, Scalar::into_bytes)?;
            interactions.push(exchange.into_interaction(&WORDS, part)?);
        }
    }
    let moments: Vec<_> = interactions.iter().map(Moment::of_date).collect();
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}
