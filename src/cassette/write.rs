//! A cassette as text: pretty JSON, one fact a line, in a fixed order (docs/cassette.md).

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    Body, Cassette, Completion, Headers, Interaction, Origin, Provenance, Request, Response, StandIn, Times, VERSION,
    spacing::Spacing,
};

impl Cassette {
    /// The text of the file. Equal cassettes have equal text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut page = Page { out: String::new(), depth: 0, first: true };
        page.object(|page| {
            page.field("armtape", |page| page.raw(&VERSION.to_string()));
            if !self.command.is_empty() {
                page.field("command", |page| page.array(&self.command, |page, word| page.string(word)));
            }
            page.optional_string("recorded", self.recorded.as_deref());
            if !self.variables.is_empty() {
                page.field("variables", |page| {
                    page.object(|page| {
                        for (name, value) in &self.variables {
                            page.field(name, |page| page.string(value));
                        }
                    });
                });
            }
            if !self.stand_ins.is_empty() {
                page.field("stand_ins", |page| page.array(&self.stand_ins, stand_in));
            }
            page.field("interactions", |page| page.array(&self.interactions, interaction));
        });
        page.out.push('\n');
        page.out
    }
}

impl Interaction {
    /// The text of one interaction, as it stands in a cassette.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut page = Page { out: String::new(), depth: 2, first: true };
        interaction(&mut page, self);
        page.out
    }
}

impl Body {
    /// A text for people: JSON in the indentation of a cassette, other text as it is. Empty for what is no
    /// text.
    #[must_use]
    pub fn readable(&self) -> Cow<'_, str> {
        match self {
            Self::Json(json) => String::from_utf8_lossy(&Spacing::SHOWN.render(json, 0)).into_owned().into(),
            Self::Text(text) => text.into(),
            Self::Empty | Self::Binary(_) | Self::Sidecar { .. } => "".into(),
        }
    }
}

fn stand_in(page: &mut Page, stand_in: &StandIn) {
    page.object(|page| {
        page.string_field("kind", &stand_in.kind);
        page.string_field("value", &stand_in.value);
        page.string_field(
            "origin",
            match stand_in.origin {
                Origin::Request => "request",
                Origin::Answer => "answer",
            },
        );
    });
}

fn interaction(page: &mut Page, interaction: &Interaction) {
    page.object(|page| {
        page.field("request", |page| request(page, &interaction.request));
        if let Some(answer) = &interaction.response {
            page.field("response", |page| response(page, answer));
        }
        match interaction.completion {
            Completion::Whole => {}
            Completion::Cut(at) => {
                page.field("completion", |page| page.object(|page| page.number_field("cut", at)));
            }
            Completion::Reset => page.string_field("completion", "reset"),
            Completion::Silent => page.string_field("completion", "silent"),
        }
        if let Some(connection) = interaction.connection {
            page.number_field("connection", connection);
        }
        if let Some(Times { request, answer, end }) = interaction.times {
            page.field("times", |page| {
                page.object(|page| {
                    page.number_field("request", request);
                    page.number_field("answer", answer);
                    page.number_field("end", end);
                });
            });
        }
        if let Some(Provenance { format, file, line }) = &interaction.provenance {
            page.field("provenance", |page| {
                page.object(|page| {
                    page.string_field("format", format);
                    page.string_field("file", file);
                    page.number_field("line", *line);
                });
            });
        }
        if !interaction.notes.is_empty() {
            page.field("notes", |page| page.array(&interaction.notes, |page, note| page.string(note)));
        }
    });
}

fn request(page: &mut Page, request: &Request) {
    page.object(|page| {
        page.string_field("method", &request.method);
        page.string_field("target", &request.target);
        page.optional_string("scheme", request.scheme.as_deref());
        page.optional_string("authority", request.authority.as_deref());
        page.optional_string("version", request.version.as_deref());
        if let Some(auth) = &request.auth {
            page.field("auth", |page| {
                page.object(|page| {
                    page.string_field("kind", &auth.kind);
                    page.optional_string("stand_in", auth.stand_in.as_deref());
                });
            });
        }
        headers(page, &request.headers);
        body(page, &request.body);
    });
}

fn response(page: &mut Page, response: &Response) {
    page.object(|page| {
        page.number_field("status", u64::from(response.status));
        headers(page, &response.headers);
        body(page, &response.body);
    });
}

fn headers(page: &mut Page, headers: &Headers) {
    if headers.is_empty() {
        return;
    }
    page.field("headers", |page| {
        page.object(|page| {
            for (name, values) in headers.iter() {
                match values {
                    [value] => page.string_field(name, value),
                    values => page.field(name, |page| page.array(values, |page, value| page.string(value))),
                }
            }
        });
    });
}

fn body(page: &mut Page, body: &Body) {
    if *body == Body::Empty {
        return;
    }
    page.field("body", |page| {
        page.object(|page| match body {
            Body::Empty => {}
            Body::Json(bytes) => match Spacing::of(bytes) {
                Some(spacing) => {
                    page.field("json", |page| page.json(bytes));
                    page.string_field("spacing", &spacing.mark());
                }
                // Only a hand-built body comes here: one that was read or recorded has a spacing.
                None => text_field(page, &String::from_utf8_lossy(bytes)),
            },
            Body::Text(text) => text_field(page, text),
            Body::Binary(bytes) => page.string_field("base64", &BASE64.encode(bytes)),
            Body::Sidecar { name, size } => {
                page.string_field("file", name);
                page.number_field("size", *size);
            }
        });
    });
}

/// Text of several lines is an array with one line each, so that a changed line is a changed line.
fn text_field(page: &mut Page, text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.len() < 2 {
        page.string_field("text", text);
    } else {
        page.field("text", |page| page.array(&lines, |page, line| page.string(line)));
    }
}

/// Indented JSON in the making.
struct Page {
    out: String,
    depth: usize,
    first: bool,
}

impl Page {
    fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn string(&mut self, text: &str) {
        // `Value`'s `Display` is infallible, unlike `to_string` of a generic type.
        self.raw(&serde_json::Value::from(text).to_string());
    }

    fn json(&mut self, bytes: &[u8]) {
        let shown = Spacing::SHOWN.render(bytes, self.depth);
        self.raw(&String::from_utf8_lossy(&shown));
    }

    fn next_line(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn enclosed(&mut self, open: char, close: char, inner: impl FnOnce(&mut Self)) {
        self.out.push(open);
        self.depth += 1;
        self.first = true;
        inner(self);
        let empty = std::mem::replace(&mut self.first, false);
        self.depth -= 1;
        if !empty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
        self.out.push(close);
    }

    fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.enclosed('{', '}', fields);
    }

    fn array<T>(&mut self, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.enclosed('[', ']', |page| {
            for value in items {
                page.next_line();
                item(page, value);
            }
        });
    }

    fn field(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        self.next_line();
        self.string(name);
        self.out.push_str(": ");
        value(self);
    }

    fn string_field(&mut self, name: &str, value: &str) {
        self.field(name, |page| page.string(value));
    }

    fn number_field(&mut self, name: &str, value: u64) {
        self.field(name, |page| page.raw(&value.to_string()));
    }

    fn optional_string(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.string_field(name, value);
        }
    }
}
