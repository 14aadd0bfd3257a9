//! What stands in the place of a value: text of the same alphabet, with a kind and a number in it and
//! nothing of the value.
//!
//! A stand-in can be told from its text alone. So redaction treats what looks like one as a value of
//! that kind: text that merely looks like one is replaced, too, and can never be taken for one; and
//! a tape that is redacted again only gets its numbers anew, which are the same.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::kind::{KINDS, Kind};

/// The alphabet of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shape {
    /// With dashes.
    Guid,
    /// 32 hex digits that are an id.
    PlainGuid,
    /// Decimal digits.
    Number,
    Email,
    Ipv4,
    Ipv6,
    /// Three parts that a parser of tokens takes.
    Jwt,
    /// 32 hex digits or more.
    Hex,
    /// With `+`, `/` or `=`, which URLs must encode: a client that does it wrongly still shows.
    Base64,
    /// Everything else: letters, digits, `-` and `_`.
    Token,
}

/// Shape and class of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) shape: Shape,
    /// More than 4 KB.
    long: bool,
}

/// Above this a value is long: the length at which proxies and URL parsers begin to complain
/// (LRO-C-18).
const LONG: usize = 4096;

const LONG_LENGTH: usize = LONG + 4;
const TOKEN_LENGTH: usize = 32;
const BASE64_LENGTH: usize = 44;

/// A header and a payload that say nothing.
const JWT_HEAD: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhcm10YXBlIn0.";

impl Form {
    /// The form of `value`. Of values of one kind and shape all have the same.
    pub(super) fn of(kind: Kind, value: &str) -> Self {
        if let Some((_, form)) = parse(value) {
            return form;
        }
        let digits = value.strip_prefix('-').unwrap_or(value);
        let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(is);
        let shape = if is_guid(value) {
            Shape::Guid
        } else if is_number(digits) {
            Shape::Number
        } else if value.len() >= 32 && all(value, u8::is_ascii_hexdigit) {
            if kind.is_identity() && value.len() == 32 { Shape::PlainGuid } else { Shape::Hex }
        } else if value.parse::<std::net::Ipv4Addr>().is_ok() {
            Shape::Ipv4
        } else if value.parse::<std::net::Ipv6Addr>().is_ok() {
            Shape::Ipv6
        } else if value.starts_with("eyJ") && value.bytes().filter(|byte| *byte == b'.').count() >= 2 {
            Shape::Jwt
        } else if kind != Kind::Password && value.contains('@') && value.contains('.') && !value.contains(' ') {
            Shape::Email
        } else if all(value, |byte| byte.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(byte))
            && value.contains(['+', '/', '='])
        {
            Shape::Base64
        } else {
            Shape::Token
        };
        Self { shape, long: value.len() > LONG }
    }
}

/// A number as JSON writes it. So many digits around an `e` are an id in hex.
fn is_number(text: &str) -> bool {
    let parts = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(parts)
        && (text.len() < 32 || !text.contains(['e', 'E']))
        && text.parse::<f64>().is_ok()
}

/// The stand-in with that number.
pub(super) fn render(kind: Kind, form: Form, number: u32) -> String {
    let code = kind.place() + 1;
    let name = kind.name();
    let label = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
    let padded = |start: String, length: usize, end: &str| {
        let length = if form.long { LONG_LENGTH } else { length };
        let pad = "A".repeat((length - end.len()).saturating_sub(start.len()));
        start + &pad + end
    };
    let token = || padded(format!("armtape-{label}_{number:06}"), TOKEN_LENGTH, "");
    match form.shape {
        Shape::Guid => format!("000000{code:02}-0000-4000-8000-{number:012}"),
        Shape::PlainGuid => format!("000000{code:02}000040008000{number:012}"),
        Shape::Number => format!("9{code:02}{number:06}"),
        Shape::Email => format!("{name}-{number}@armtape.example"),
        Shape::Ipv4 => format!("198.{}.{}.{}", 18 + (number >> 16 & 1), number >> 8 & 255, number & 255),
        Shape::Ipv6 => format!("2001:db8:a7::{number:x}"),
        Shape::Jwt => format!("{JWT_HEAD}{}", token()),
        Shape::Hex => format!("a12a9e{code:02}{number:08}{}", "0".repeat(16)),
        Shape::Base64 => padded(format!("armtape+{label}/{number:06}"), BASE64_LENGTH, "="),
        Shape::Token => token(),
    }
}

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u:\b)000000[0-9]{2}-0000-4000-8000-[0-9]{12}(?-u:\b)",
        r"|(?-u:\b)000000[0-9]{2}000040008000[0-9]{12}(?-u:\b)",
        r"|eyJhbGciOiJub25lIn0\.eyJpc3MiOiJhcm10YXBlIn0\.armtape-[A-Z][a-z]+_[0-9]{6}A*",
        r"|armtape-[A-Z][a-z]+_[0-9]{6}A*",
        r"|armtape\+[A-Z][a-z]+/[0-9]{6}A*=",
        r"|[a-z]+-[0-9]+@armtape\.example(?-u:\b)",
        r"|(?-u:\b)198\.1[89]\.[0-9]{1,3}\.[0-9]{1,3}(?-u:\b)",
        r"|2001:db8:a7::[0-9a-f]+(?-u:\b)",
        r"|a12a9e[0-9]{10}0{16}",
    ))
    .ok()
});

/// Where text looks like a stand-in.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let may = ["armtape", "000000", "198.1", "2001:db8:a7::", "a12a9e"].iter().any(|word| text.contains(word));
    let Some(pattern) = PATTERN.as_ref().filter(|_| may) else { return Vec::new() };
    let exact = |range: Range<usize>| {
        let found = &text[range.clone()];
        // What follows may begin with an `A`, too.
        let head = if found.starts_with(JWT_HEAD) { JWT_HEAD.len() } else { 0 };
        let length = match &found[head..] {
            token if token.starts_with("armtape-") && token.len() >= LONG_LENGTH => head + LONG_LENGTH,
            token if token.starts_with("armtape-") => head + token.len().min(TOKEN_LENGTH),
            _ => found.len(),
        };
        range.start..range.start + length
    };
    pattern
        .find_iter(text)
        .map(|found| exact(found.range()))
        .filter(|range| parse(&text[range.clone()]).is_some())
        .collect()
}

/// The kind and the form, if `text` looks like a stand-in.
pub(super) fn parse(text: &str) -> Option<(Kind, Form)> {
    let long = text.len() >= LONG_LENGTH;
    let form = |shape| Form { shape, long };
    let of_code = |code: &str| KINDS.get(code.parse::<usize>().ok()?.checked_sub(1)?).map(|(kind, _)| *kind);
    let of_label = |label: &str| Kind::from_name(&label.to_ascii_lowercase());
    if let Some(token) = text.strip_prefix(JWT_HEAD) {
        return parse(token).map(|(kind, token)| (kind, Form { shape: Shape::Jwt, ..token }));
    }
    if let Some(rest) = text.strip_prefix("armtape-") {
        let (label, number) = rest.split_once('_')?;
        let fits = text.len() == if long { LONG_LENGTH } else { TOKEN_LENGTH };
        return (fits && is_padded(number)).then(|| of_label(label)).flatten().map(|kind| (kind, form(Shape::Token)));
    }
    if let Some(rest) = text.strip_prefix("armtape+") {
        let (label, number) = rest.strip_suffix('=')?.split_once('/')?;
        let fits = text.len() == if long { LONG_LENGTH } else { BASE64_LENGTH };
        return (fits && is_padded(number)).then(|| of_label(label)).flatten().map(|kind| (kind, form(Shape::Base64)));
    }
    if let Some(local) = text.strip_suffix("@armtape.example") {
        let (name, number) = local.split_once('-')?;
        let kind = Kind::from_name(name)?;
        return number.bytes().all(|byte| byte.is_ascii_digit()).then_some((kind, form(Shape::Email)));
    }
    if let Some(rest) = text.strip_prefix("000000") {
        let kind = of_code(rest.get(..2)?)?;
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        return match (rest.get(2..)?.strip_prefix("-0000-4000-8000-"), rest.get(2..)?.strip_prefix("000040008000")) {
            (Some(number), _) if digits(number) => Some((kind, form(Shape::Guid))),
            (_, Some(number)) if digits(number) => Some((kind, form(Shape::PlainGuid))),
            _ => None,
        };
    }
    if let Some(rest) = text.strip_prefix("a12a9e") {
        return (rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| of_code(&rest[..2]))
            .flatten()
            .map(|kind| (kind, form(Shape::Hex)));
    }
    match text.parse() {
        Ok(std::net::IpAddr::V4(ip)) if matches!(ip.octets(), [198, 18 | 19, ..]) => {
            Some((Kind::Address, form(Shape::Ipv4)))
        }
        Ok(std::net::IpAddr::V6(ip)) if ip.segments()[..3] == [0x2001, 0xdb8, 0xa7] => {
            Some((Kind::Address, form(Shape::Ipv6)))
        }
        _ => None,
    }
}

/// What a stand-in says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) kind: Kind,
    pub(super) form: Form,
    pub(super) number: u32,
}

/// What a stand-in for a value of `kind` says of itself; `None` where `text` is none. Only the tape
/// knows that a number is one, so only who knows that may ask.
pub(super) fn name(kind: Kind, text: &str) -> Option<Name> {
    let digits = |text: &str| -> Option<u32> {
        let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse().ok()
    };
    let (kind, form) = parse(text).unwrap_or((kind, Form { shape: Shape::Number, long: false }));
    let number = match form.shape {
        Shape::Guid | Shape::PlainGuid => digits(text.get(text.len() - 12..)?)?,
        Shape::Number => digits(text.get(3..)?)?,
        Shape::Email => digits(text.split_once('-')?.1)?,
        Shape::Ipv4 => {
            let octets = text.parse::<std::net::Ipv4Addr>().ok()?.octets();
            u32::from_be_bytes([0, octets[1].checked_sub(18)?, octets[2], octets[3]])
        }
        Shape::Ipv6 => u32::from_str_radix(text.rsplit(':').next()?, 16).ok()?,
        Shape::Jwt | Shape::Token => digits(text.rsplit('_').next()?)?,
        Shape::Hex => digits(text.get(8..16)?)?,
        Shape::Base64 => digits(text.rsplit('/').next()?)?,
    };
    (render(kind, form, number) == text).then_some(Name { kind, form, number })
}

/// Six digits, and then nothing but padding.
fn is_padded(text: &str) -> bool {
    text.len() >= 6
        && text.bytes().enumerate().all(|(at, byte)| if at < 6 { byte.is_ascii_digit() } else { byte == b'A' })
}

/// Whether `text` is a GUID with dashes.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &[(Kind, &str)] = &[
        (Kind::Subscription, "5a19f233-79ae-4b7e-855d-04bfcac8bf04"),
        (Kind::Tenant, "5a19f23379ae4b7e855d04bfcac8bf04"),
        (Kind::Key, "5a19f23379ae4b7e855d04bfcac8bf04ff"),
        (Kind::Password, "4711"),
        (Kind::Password, "-1.8859148362107862e+42"),
        (Kind::Email, "ada@lovelace.org"),
        (Kind::Address, "52.1.2.3"),
        (Kind::Address, "2603:1030::1"),
        (Kind::Token, "eyJh.eyJi.c2ln"),
        (Kind::Key, "q+0/=="),
        (Kind::Password, "hunter2!"),
    ];

    #[test]
    fn a_stand_in_is_told_by_its_text() {
        for (kind, value) in VALUES {
            let form = Form::of(*kind, value);
            let text = render(*kind, form, 7);
            assert_eq!(Form::of(*kind, &text), form, "{text}");
            assert_eq!(name(*kind, &text), Some(Name { kind: *kind, form, number: 7 }), "{text}");
            assert_eq!(name(*kind, value), None);
            if form.shape != Shape::Number {
                assert_eq!(parse(&text), Some((*kind, form)), "{text}");
                let around = format!("<{text}>");
                assert_eq!(find(&around).first(), Some(&(1..text.len() + 1)), "{around}");
            }
        }
        insta::assert_snapshot!(
            VALUES.iter().map(|(kind, value)| render(*kind, Form::of(*kind, value), 7)).collect::<Vec<_>>().join("\n"),
            @"
        00000001-0000-4000-8000-000000000007
        00000002000040008000000000000007
        a12a9e09000000070000000000000000
        908000007
        908000007
        email-7@armtape.example
        198.18.0.7
        2001:db8:a7::7
        eyJhbGciOiJub25lIn0.eyJpc3MiOiJhcm10YXBlIn0.armtape-Token_000007AAAAAAAAAAAA
        armtape+Key/000007AAAAAAAAAAAAAAAAAAAAAAAAA=
        armtape-Password_000007AAAAAAAAA
        "
        );
    }

    #[test]
    fn long_values_have_long_stand_ins() {
        for (value, length) in [("x".repeat(LONG), 32), ("x".repeat(LONG + 1), 4100), ("x=".repeat(LONG), 4100)] {
            let form = Form::of(Kind::Signature, &value);
            let text = render(Kind::Signature, form, 1);
            assert_eq!((text.len(), parse(&text)), (length, Some((Kind::Signature, form))));
            let before_an_a = format!("{text}Abc");
            assert_eq!(find(&before_an_a).first(), Some(&(0..text.len())));
        }
    }
}
