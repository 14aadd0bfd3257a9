//! The places where traffic holds values, and how a value is spelled there.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose};
use serde_json::json;

use super::{
    kinds::{Kind, Shape},
    service::{Exchange, Side},
};

/// Where a value is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Query,
    QueryTwice,
    Header,
    Location,
    Json,
    JsonKey,
    JsonInString,
    Form,
    Xml,
    XmlAttribute,
    Multipart,
    Text,
    Base64,
    Base64Url,
    PercentOnce,
    PercentTwice,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    Split,
    CommandLine,
}

/// All that traffic has.
pub(super) static PLACES: &[Place] = &[
    Place::Query,
    Place::QueryTwice,
    Place::Header,
    Place::Location,
    Place::Json,
    Place::JsonKey,
    Place::JsonInString,
    Place::Form,
    Place::Xml,
    Place::XmlAttribute,
    Place::Multipart,
    Place::Text,
    Place::Base64,
    Place::Base64Url,
    Place::PercentOnce,
    Place::PercentTwice,
    Place::Gzip,
    Place::Deflate,
    Place::Brotli,
    Place::Zstd,
    Place::Split,
];

/// A made-up secret at its place.
#[derive(Clone)]
pub(super) struct Planted {
    pub(super) kind: &'static Kind,
    pub(super) place: Place,
    pub(super) value: String,
}

impl Planted {
    /// The secret with that number: every one is another.
    pub(super) fn new(kind: &'static Kind, place: Place, number: usize) -> Self {
        Self { kind, place, value: kind.shape.value(number) }
    }

    pub(super) fn of_the_environment() -> String {
        Shape::Environment.value(0)
    }

    pub(super) fn name(&self) -> &'static str {
        match self.kind.rule {
            "header-credential" => self.kind.name,
            _ => self.kind.called(),
        }
    }

    /// The value in the text that goes with it.
    pub(super) fn text(&self) -> String {
        self.kind.template().replace("VALUE", &self.value)
    }

    /// Name and text, as a text says it.
    fn line(&self) -> String {
        match self.kind.is_named() || self.kind.action().is_some() {
            true => format!("{}=\"{}\"", self.name(), self.value),
            false => self.text(),
        }
    }

    fn json(&self) -> String {
        json!({ (self.name()): self.text() }).to_string()
    }
}

impl Place {
    /// Puts the secret into the exchange; `false` where there is no such place.
    pub(super) fn put(self, planted: &Planted, side: Side, exchange: &mut Exchange) -> bool {
        let encoded = percent(&planted.text());
        let name = planted.name();
        let answers = side == Side::Answer;
        match self {
            Self::Query | Self::QueryTwice | Self::Header | Self::Location | Self::JsonKey
                if planted.kind.of_bodies() =>
            {
                return false;
            }
            Self::Query | Self::QueryTwice if answers => return false,
            Self::Location if !answers => return false,
            Self::JsonKey if planted.kind.is_named() => return false,
            // A header is one line of ASCII.
            Self::Header if planted.text().contains('\n') || !planted.text().is_ascii() => return false,
            // What is inflated is an answer.
            Self::Gzip | Self::Deflate | Self::Brotli | Self::Zstd if !answers => return false,
            _ => {}
        }
        let body = match self {
            Self::Query => {
                let _ = write!(exchange.target, "&{name}={encoded}");
                return true;
            }
            Self::QueryTwice => {
                let inner = format!("https://h.example/x?{name}={encoded}");
                let _ = write!(exchange.target, "&redirect={}", percent(&inner));
                return true;
            }
            Self::Header => {
                let header = if answers { "x-ms-failure-cause" } else { "user-agent" };
                exchange.header(side, header, &planted.line());
                return true;
            }
            Self::Location => {
                exchange.header(side, "location", &format!("https://h.example/x?{name}={encoded}"));
                return true;
            }
            Self::Json | Self::CommandLine => planted.json(),
            Self::Gzip | Self::Deflate | Self::Brotli | Self::Zstd | Self::Split => planted.json(),
            Self::JsonKey => json!({ (planted.text()): 1 }).to_string(),
            Self::JsonInString => json!({ "content": planted.json() }).to_string(),
            Self::Form => format!("a=b&{name}={encoded}&c=d"),
            Self::Xml => format!("<?xml version=\"1.0\"?><a><{name}>{}</{name}></a>", entities(&planted.text())),
            Self::XmlAttribute => {
                format!("<?xml version=\"1.0\"?><a><b {name}=\"{}\"/></a>", entities(&planted.text()))
            }
            Self::Multipart => {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n--b--\r\n", planted.text())
            }
            Self::Text => format!("it says {} and ends", planted.line()),
            Self::Base64 => json!({ "content": general_purpose::STANDARD.encode(planted.json()) }).to_string(),
            Self::Base64Url => general_purpose::URL_SAFE_NO_PAD.encode(planted.json()),
            Self::PercentOnce => format!("it says {} and ends", percent(&planted.line())),
            Self::PercentTwice => format!("it says {} and ends", percent(&percent(&planted.line()))),
        };
        exchange.content(side, self.media_type(), self.coding(), body.as_bytes(), self == Self::Split);
        true
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Xml | Self::XmlAttribute => "application/xml",
            Self::Multipart => "multipart/form-data; boundary=b",
            Self::Text | Self::PercentOnce | Self::PercentTwice | Self::Base64Url => "text/plain",
            _ => "application/json",
        }
    }

    fn coding(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some("gzip"),
            Self::Deflate => Some("deflate"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            _ => None,
        }
    }
}

pub(super) fn percent(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

pub(super) fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Shape {
    /// Whether values of this shape have an end that says nothing.
    pub(super) fn ends_alike(self) -> bool {
        matches!(self, Self::Around(_, _, end) if !end.is_empty())
    }

    /// The value with that number: random to look at, the same in every run.
    fn value(self, number: usize) -> String {
        let mut state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
        };
        let mut of = |letters: &str, length: usize| -> String {
            (0..length).map(|_| char::from(letters.as_bytes()[next() % letters.len()])).collect()
        };
        const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const HEX: &str = "0123456789abcdef";
        const WORD: &str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        const BASE64: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
        match self {
            // Two digits, as all but very few random words have.
            Self::Word(length) => format!("7{}3", of(WORD, length - 2)),
            Self::Password => format!("{}!{}.*9", of(WORD, 6), of(WORD, 6)),
            Self::Umlauts => format!("{}üß{}", of(WORD, 6), of(WORD, 6)),
            Self::Digits => format!("8{}", of("0123456789", 14)),
            Self::Guid => {
                let lengths = [(8, ""), (4, "-"), (3, "-4"), (3, "-a"), (12, "-")];
                lengths.iter().map(|(length, start)| format!("{start}{}", of(HEX, *length))).collect()
            }
            Self::Hex => of(HEX, 32),
            Self::Jwt => format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{}", of(WORD, 43)),
            Self::Jwe => {
                format!("eyJhbGciOiJSU0EtT0FFUCJ9.{}.{}.{}.{}", of(WORD, 40), of(WORD, 16), of(WORD, 40), of(WORD, 22))
            }
            Self::Email => format!("{}@{}.net", of("abcdefghijkmnop", 9), of("abcdefghijkmnop", 12)),
            Self::Ipv4 => format!("20.{}.{}.{}", 100 + number % 150, 100 + number / 150, 100 + number % 149),
            Self::Ipv6 => format!(
                "2603:1030:{}:{}::{}",
                of("123456789abcdef", 4),
                of("123456789abcdef", 4),
                of("123456789abcdef", 4)
            ),
            Self::Base64(length) => {
                let text = of(BASE64, length - 2);
                // One of each letter that URLs have to encode.
                format!("{}+{}/{}", &text[..length / 2 - 1], &text[length / 2 - 1..], "=".repeat((4 - length % 4) % 4))
            }
            Self::Around(start, length, end) => format!("{start}{}{end}", of(WORD, length)),
            Self::Capitals(start, length) => format!("{start}{}", of(CAPITALS, length)),
            Self::Pair => general_purpose::STANDARD.encode(format!("ada:{}", of(WORD, 20))),
            Self::Environment => "swordfish+Näme/of=the 7th".to_owned(),
        }
    }
}
