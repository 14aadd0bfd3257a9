//! How the tokens of a JSON body were spaced on the wire.
//!
//! The tape shows every body in one indentation. With the spacing beside it the bytes of the wire
//! come back; a body that no spacing explains is kept as text.

use std::fmt::Write as _;

/// The white space between the tokens of a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spacing {
    lines: Lines,
    /// A blank behind each colon (and, on one line, behind each comma).
    airy: bool,
    crlf: bool,
    trailing_newline: bool,
}

/// How the document is broken into lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    One,
    Spaces(usize),
    Tabs,
}

/// No real document has wider steps; a larger number on a tape would only cost memory.
const WIDEST: usize = 16;

impl Spacing {
    /// How a cassette shows every body.
    pub(crate) const SHOWN: Self = Self { lines: Lines::Spaces(2), airy: true, crlf: false, trailing_newline: false };

    const COMPACT: Self = Self { lines: Lines::One, airy: false, crlf: false, trailing_newline: false };

    /// The spacing of `json`, if there is one that gives back its bytes.
    pub(crate) fn of(json: &[u8]) -> Option<Self> {
        if !has_space(json) {
            return Some(Self::COMPACT);
        }
        let trailing_newline = json.last() == Some(&b'\n');
        let crlf = json.windows(2).any(|pair| pair == b"\r\n");
        let first_line_end = json.iter().position(|byte| *byte == b'\n');
        let lines = match first_line_end.map(|end| &json[end + 1..]) {
            None | Some([]) => Lines::One,
            Some([b'\t', ..]) => Lines::Tabs,
            Some(rest) => match rest.iter().take_while(|byte| **byte == b' ').count() {
                width @ 0..=WIDEST => Lines::Spaces(width),
                _ => return None,
            },
        };
        // Where both explain the bytes, the plainer mark: `compact`, and `indent N` without `tight`.
        let airy = lines != Lines::One;
        [airy, !airy]
            .map(|airy| Self { lines, airy, crlf, trailing_newline })
            .into_iter()
            .find(|spacing| spacing.render(json, 0) == json)
    }

    /// Writes the tokens of `json` again, the first line as if it stood `depth` levels deep.
    ///
    /// `json` must be one valid document: strings are copied, white space between tokens replaced.
    pub(crate) fn render(self, json: &[u8], mut depth: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(json.len() + json.len() / 2);
        let mut at = 0;
        while let Some(&byte) = json.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'"' => {
                    let end = string_end(json, at);
                    out.extend_from_slice(&json[at..end]);
                    at = end;
                }
                b'{' | b'[' => {
                    out.push(byte);
                    at += 1;
                    while json.get(at).is_some_and(u8::is_ascii_whitespace) {
                        at += 1;
                    }
                    match json.get(at) {
                        Some(&close @ (b'}' | b']')) => {
                            out.push(close);
                            at += 1;
                        }
                        _ => {
                            depth += 1;
                            self.break_line(&mut out, depth);
                        }
                    }
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.break_line(&mut out, depth);
                    out.push(byte);
                    at += 1;
                }
                b',' => {
                    out.push(byte);
                    if self.lines == Lines::One && self.airy {
                        out.push(b' ');
                    }
                    self.break_line(&mut out, depth);
                    at += 1;
                }
                b':' => {
                    out.push(byte);
                    if self.airy {
                        out.push(b' ');
                    }
                    at += 1;
                }
                _ => {
                    out.push(byte);
                    at += 1;
                }
            }
        }
        if self.trailing_newline {
            self.newline(&mut out);
        }
        out
    }

    fn newline(self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.crlf { b"\r\n" } else { b"\n" });
    }

    fn break_line(self, out: &mut Vec<u8>, depth: usize) {
        let (unit, width) = match self.lines {
            Lines::One => return,
            Lines::Spaces(width) => (b' ', width),
            Lines::Tabs => (b'\t', 1),
        };
        self.newline(out);
        out.resize(out.len() + depth * width, unit);
    }

    /// The mark on the tape, such as `compact`, `spaced` or `indent 2 crlf`.
    pub(crate) fn mark(self) -> String {
        let mut mark = match (self.lines, self.airy) {
            (Lines::One, false) => "compact".to_owned(),
            (Lines::One, true) => "spaced".to_owned(),
            (Lines::Spaces(width), _) => format!("indent {width}"),
            (Lines::Tabs, _) => "indent tab".to_owned(),
        };
        if self.lines != Lines::One && !self.airy {
            mark.push_str(" tight");
        }
        if self.crlf {
            mark.push_str(" crlf");
        }
        if self.trailing_newline {
            let _ = write!(mark, " newline");
        }
        mark
    }

    /// Reads a mark.
    pub(crate) fn from_mark(mark: &str) -> Option<Self> {
        let mut words = mark.split(' ');
        let mut spacing = match words.next()? {
            "compact" => Self::COMPACT,
            "spaced" => Self { airy: true, ..Self::COMPACT },
            "indent" => {
                let lines = match words.next()? {
                    "tab" => Lines::Tabs,
                    width => Lines::Spaces(width.parse().ok().filter(|width| *width <= WIDEST)?),
                };
                Self { lines, airy: true, ..Self::COMPACT }
            }
            _ => return None,
        };
        for word in words {
            match word {
                "tight" => spacing.airy = false,
                "crlf" => spacing.crlf = true,
                "newline" => spacing.trailing_newline = true,
                _ => return None,
            }
        }
        Some(spacing)
    }
}

/// Whether there is white space between the tokens of `json`.
fn has_space(json: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return true,
            b'"' => at = string_end(json, at),
            _ => at += 1,
        }
    }
    false
}

/// The index behind the string that begins at `start`.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::Spacing;

    fn round_trip(json: &str) -> Option<String> {
        let spacing = Spacing::of(json.as_bytes())?;
        let shown = Spacing::SHOWN.render(json.as_bytes(), 3);
        let read = Spacing::from_mark(&spacing.mark()).expect("a mark can be read");
        assert_eq!(String::from_utf8(read.render(&shown, 0)).unwrap(), json);
        Some(spacing.mark())
    }

    #[test]
    fn the_spacings_of_real_clients_and_services_come_back() {
        for (json, mark) in [
            (r#"{"a":1,"b":[1,2],"c":{},"d":[]}"#, "compact"),
            (r#"{"a": 1, "b": [1, 2]}"#, "spaced"),
            ("{\n  \"a\": 1e2,\n  \"b\": []\n}", "indent 2"),
            ("{\r\n  \"a\": \"x\\\"y\",\r\n  \"b\": {}\r\n}", "indent 2 crlf"),
            ("{\n\t\"a\": [\n\t\t1.10\n\t]\n}\n", "indent tab newline"),
            ("{\n    \"a\":1\n}", "indent 4 tight"),
            ("null", "compact"),
            ("\"a: b, c\"", "compact"),
            ("[1]\n", "compact newline"),
        ] {
            assert_eq!(round_trip(json).as_deref(), Some(mark), "{json}");
        }
    }

    #[test]
    fn what_no_spacing_explains_has_none() {
        for json in
            [r#"{"a":1, "b":2}"#, r#"{ "a": 1 }"#, "{\n  \"a\": 1 }", " 1", &format!("[\n{}1\n]", " ".repeat(17))]
        {
            assert_eq!(Spacing::of(json.as_bytes()), None, "{json}");
        }
    }
}
