//! The rules, ready to be asked.

use std::{collections::HashMap, net::IpAddr, ops::Range};

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use super::{
    kind::Kind,
    rules::{Find, GATE, NAMED, Only, STAND_IN, rules},
    stand_in::{is_guid, parse},
};

/// What a project decides about the rules: `[redact]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Ids of rules that are switched off.
    pub off: Vec<String>,
    /// Rules of the project itself.
    pub rules: Vec<Custom>,
}

/// A rule of the project itself: `[[redact.rules]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Custom {
    /// What it is called in reports.
    pub id: String,
    /// The kind of what it finds, such as `secret` or `person`; empty: `secret`.
    pub kind: String,
    /// Names whose values are replaced, compared by their letters and digits alone.
    pub names: Vec<String>,
    /// A pattern whose group `v`, or which itself, is replaced.
    pub pattern: Option<String>,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// No rule is called so.
    #[error("there is no rule `{id}`{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        id: String,
        /// What was meant, maybe.
        nearest: Option<String>,
    },
    /// Some rules hold the others together.
    #[error("rule `{0}` cannot be switched off")]
    Needed(String),
    /// Two rules of one name.
    #[error("there are two rules `{0}`")]
    Twice(String),
    /// Neither names nor a pattern.
    #[error("rule `{0}` has neither `names` nor a `pattern`")]
    Nothing(String),
    /// No such kind of value.
    #[error("rule `{id}`: there is no kind `{kind}`")]
    Kind {
        /// The rule.
        id: String,
        /// What was asked for.
        kind: String,
    },
    /// A pattern that does not compile, or fits the empty text.
    #[error("rule `{id}`: the pattern {why}")]
    Pattern {
        /// The rule.
        id: String,
        /// The compiler's words on it, or ours.
        why: String,
    },
}

/// The rules that are switched on, compiled.
#[derive(Clone)]
pub struct Rules {
    ids: Vec<(String, Kind)>,
    names: HashMap<String, (usize, Only)>,
    endings: Vec<(String, usize, Only)>,
    headers: HashMap<&'static str, usize>,
    forms: Vec<Form>,
    /// The words without which a form does not occur, and the form of each.
    needed: AhoCorasick,
    needed_by: Vec<usize>,
    polling_url: Option<usize>,
    list_keys: Option<usize>,
}

#[derive(Clone)]
struct Form {
    rule: usize,
    pattern: Regex,
    only: Only,
    /// Looked for in every text.
    always: bool,
}

impl Rules {
    /// Compiles the rules that come with armtape and those of `settings`.
    ///
    /// # Errors
    ///
    /// [`RuleError`] names the rule and what is wrong with it.
    pub fn new(settings: &Settings) -> Result<Self, RuleError> {
        for id in &settings.off {
            match rules().iter().position(|rule| rule.id == id) {
                None => return Err(RuleError::Unknown { id: id.clone(), nearest: nearest(id) }),
                Some(STAND_IN | GATE | NAMED) => return Err(RuleError::Needed(id.clone())),
                Some(_) => {}
            }
        }
        let failed = |id: &str, why: String| RuleError::Pattern { id: id.to_owned(), why };
        let mut compiled = Self {
            ids: rules().iter().map(|rule| (rule.id.to_owned(), rule.kind)).collect(),
            names: HashMap::new(),
            endings: Vec::new(),
            headers: HashMap::new(),
            forms: Vec::new(),
            needed: AhoCorasick::new([""; 0]).map_err(|error| failed("", error.to_string()))?,
            needed_by: Vec::new(),
            polling_url: None,
            list_keys: None,
        };
        let mut needed = Vec::new();
        for (rule, data) in
            rules().iter().enumerate().filter(|(_, data)| !settings.off.iter().any(|off| off == data.id))
        {
            match &data.find {
                Find::Header(headers) => compiled.headers.extend(headers.iter().map(|header| (*header, rule))),
                Find::Name { names, endings, only } => {
                    compiled.names.extend(names.iter().map(|name| ((*name).to_owned(), (rule, *only))));
                    compiled.endings.extend(endings.iter().map(|ending| ((*ending).to_owned(), rule, *only)));
                }
                Find::Form { needs, pattern, only } => {
                    needed.extend_from_slice(needs);
                    compiled.needed_by.extend(std::iter::repeat_n(compiled.forms.len(), needs.len()));
                    let pattern = Regex::new(pattern).map_err(|error| failed(data.id, error.to_string()))?;
                    compiled.forms.push(Form { rule, pattern, only: *only, always: false });
                }
                Find::PollingUrl => compiled.polling_url = Some(rule),
                Find::ListKeys => compiled.list_keys = Some(rule),
                Find::Named | Find::StandIn | Find::Gate => {}
            }
        }
        compiled.needed = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(needed)
            .map_err(|error| failed("", error.to_string()))?;
        for custom in &settings.rules {
            compiled.add(custom)?;
        }
        Ok(compiled)
    }

    fn add(&mut self, custom: &Custom) -> Result<(), RuleError> {
        let id = &custom.id;
        let failed = |why: String| RuleError::Pattern { id: id.clone(), why };
        if self.ids.iter().any(|(other, _)| other == id) {
            return Err(RuleError::Twice(id.clone()));
        }
        let kind = if custom.kind.is_empty() { "secret" } else { &custom.kind };
        let Some(kind) = Kind::from_name(kind) else {
            return Err(RuleError::Kind { id: id.clone(), kind: kind.to_owned() });
        };
        if custom.names.is_empty() && custom.pattern.is_none() {
            return Err(RuleError::Nothing(id.clone()));
        }
        let rule = self.ids.len();
        self.ids.push((id.clone(), kind));
        // What the project says of a name wins.
        self.names.extend(custom.names.iter().map(|name| (letters(name), (rule, Only::Anything))));
        if let Some(pattern) = &custom.pattern {
            let pattern = Regex::new(pattern).map_err(|error| failed(format!("does not compile: {error}")))?;
            if pattern.is_match("") {
                return Err(failed("fits the empty text, and so everywhere".to_owned()));
            }
            self.forms.push(Form { rule, pattern, only: Only::Anything, always: true });
        }
        Ok(())
    }

    /// The id of a rule.
    pub(super) fn id(&self, rule: usize) -> &str {
        &self.ids[rule].0
    }

    pub(super) fn kind(&self, rule: usize) -> Kind {
        self.ids[rule].1
    }

    /// The rule by which the value of what is called `name` is replaced.
    pub(super) fn by_name(&self, name: &str, value: &str) -> Option<usize> {
        // Nobody gives a name of this length to what he looks for by name.
        if name.len() > 80 {
            return None;
        }
        let name = letters(name);
        let (rule, only) = self.names.get(&name).copied().or_else(|| {
            let ending = self.endings.iter().find(|(ending, ..)| name.ends_with(ending.as_str()));
            ending.map(|(_, rule, only)| (*rule, *only))
        })?;
        only.fits(value).then_some(rule)
    }

    /// The rule by which a header is replaced.
    pub(super) fn by_header(&self, name: &str) -> Option<usize> {
        self.headers.get(name).copied()
    }

    pub(super) fn polling_url(&self) -> Option<usize> {
        self.polling_url
    }

    pub(super) fn list_keys(&self) -> Option<usize> {
        self.list_keys
    }

    /// What is found by form: where, and by which rule.
    pub(super) fn by_form(&self, text: &str, found: &mut Vec<(Range<usize>, usize)>) {
        let mut wanted: u64 = 0;
        for (number, form) in self.forms.iter().enumerate() {
            wanted |= u64::from(form.always) << (number & 63);
        }
        for word in self.needed.find_overlapping_iter(text) {
            wanted |= 1 << (self.needed_by[word.pattern().as_usize()] & 63);
        }
        for (number, form) in self.forms.iter().enumerate() {
            if wanted & 1 << (number & 63) == 0 {
                continue;
            }
            let mut at = 0;
            // Not `captures_iter`: what ends one value may begin the next.
            while let Some(captures) = form.pattern.captures_at(text, at) {
                let Some(value) = captures.name("v").or_else(|| captures.get(0)) else { break };
                if form.only.fits(value.as_str()) {
                    found.push((value.range(), form.rule));
                }
                at = value.end().max(at + 1);
                while !text.is_char_boundary(at) {
                    at += 1;
                }
                if at >= text.len() {
                    break;
                }
            }
        }
    }
}

/// A name by its letters and digits, in lower case.
pub(super) fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn nearest(id: &str) -> Option<String> {
    let near = |other: &str| {
        let common = other.split('-').filter(|word| id.contains(word)).count();
        (common > 0).then_some(common)
    };
    rules()
        .iter()
        .filter_map(|rule| Some((near(rule.id)?, rule.id)))
        .max_by_key(|(common, _)| *common)
        .map(|(_, id)| id.to_owned())
}

impl Only {
    fn fits(self, value: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Guid => is_guid(value) || value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Somebody => !["user", "application", "managedidentity", "key", "system", "microsoft"]
                .contains(&letters(value).as_str()),
            Self::Credential => {
                parse(value).is_some()
                    || value.bytes().filter(u8::is_ascii_digit).count() >= 2
                    || super::layer::Base64::decode(value).is_some_and(|decoded| decoded.text.contains(':'))
            }
            Self::RealMailbox => {
                let domain = value.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
                let is_below = |known: &str| domain == known || domain.ends_with(&format!(".{known}"));
                !["example.com", "example.org", "example.net", "example", "test", "invalid", "localhost"]
                    .into_iter()
                    .any(is_below)
                    || parse(value).is_some()
            }
            Self::PublicAddress => value.parse().is_ok_and(is_public),
        }
    }
}

/// Whether an address is somebody's in the internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            // Four small numbers are a version more often than an address.
            let version = (b == 0 && c == 0) || (a < 20 && b < 10 && c < 10 && d < 10);
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (18..20).contains(&b);
            // Azure's own virtual address.
            let azure = ip.octets() == [168, 63, 129, 16];
            !(version
                || shared
                || benchmark
                || azure
                || a == 0
                || a >= 224
                || (a, b, c) == (192, 0, 0)
                || ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation())
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            (0x2000..0x4000).contains(&first) && (first, second) != (0x2001, 0xdb8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<(&str, &str)> {
        static RULES: std::sync::LazyLock<Rules> =
            std::sync::LazyLock::new(|| Rules::new(&Settings::default()).unwrap());
        let mut found = Vec::new();
        RULES.by_form(text, &mut found);
        found.into_iter().map(|(range, rule)| (RULES.id(rule), &text[range])).collect()
    }

    #[test]
    fn addresses_that_say_nothing_of_anybody_stay() {
        for text in [
            "10.1.2.3",
            "192.168.0.1",
            "203.0.113.7",
            "52.1.2.0/24",
            "version 15.0.1.2",
            "4.0.30319.42000",
            "168.63.129.16",
            "2001:db8::1",
            "2603:1030::/32",
            "fe80::1",
            "12:34:56",
            "/52.1.2.3/x",
            "Python/3.70.80.90",
        ] {
            assert_eq!(forms(text), [], "{text}");
        }
        for (text, address) in [
            ("52.1.2.3", "52.1.2.3"),
            ("Client with IP address '13.68.1.200' is not", "13.68.1.200"),
            ("https://52.1.2.3:443/x", "52.1.2.3"),
            ("52.1.2.3, 10.0.0.1", "52.1.2.3"),
        ] {
            assert_eq!(forms(text), [("public-address", address)]);
        }
        assert_eq!(forms("2603:1030:a::5"), [("public-address-v6", "2603:1030:a::5")]);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_in_words() {
        let custom = |id: &str, kind: &str, pattern: Option<&str>| Settings {
            off: Vec::new(),
            rules: vec![Custom {
                id: id.into(),
                kind: kind.into(),
                names: Vec::new(),
                pattern: pattern.map(str::to_owned),
            }],
        };
        let off = |id: &str| Settings { off: vec![id.into()], rules: Vec::new() };
        let said: Vec<_> = [
            off("tenant"),
            off("stand-in"),
            custom("jwt", "", Some("x")),
            custom("mine", "", None),
            custom("mine", "colour", Some("x")),
            custom("mine", "", Some("(x")),
            custom("mine", "", Some("x*")),
        ]
        .iter()
        .map(|settings| Rules::new(settings).err().unwrap().to_string())
        .collect();
        insta::assert_snapshot!(said.join("\n"), @"
        there is no rule `tenant`; did you mean `tenant-url`?
        rule `stand-in` cannot be switched off
        there are two rules `jwt`
        rule `mine` has neither `names` nor a `pattern`
        rule `mine`: there is no kind `colour`
        rule `mine`: the pattern does not compile: regex parse error:
            (x
            ^
        error: unclosed group
        rule `mine`: the pattern fits the empty text, and so everywhere
        ");
    }
}
