//! What changes in many requests at once is told once: the api-version, a host, a name in the path.

use super::{Class, words};
use crate::{
    arm::{POLLING_HEADERS, Target, authority_key},
    cassette::Interaction,
};

/// A change that acts have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Shared {
    kind: Kind,
    from: String,
    to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    ApiVersion,
    Host,
    Name,
    Http,
    UserAgent,
}

impl Shared {
    /// The shared changes between two exchanges that are the same step.
    pub(super) fn between(left: &Interaction, right: &Interaction) -> Vec<Self> {
        let mut found = Vec::new();
        for kind in [Kind::ApiVersion, Kind::Host, Kind::Http, Kind::UserAgent] {
            // What a recorder dropped is no change.
            if let (Some(from), Some(to)) = (kind.value(left), kind.value(right))
                && from != to
            {
                found.push(Self { kind, from, to });
            }
        }
        let (left, right) = (Target::parse(&left.request.target), Target::parse(&right.request.target));
        let (left, right): (Vec<_>, Vec<_>) = (left.path().split('/').collect(), right.path().split('/').collect());
        if left.len() == right.len() {
            for (from, to) in left.iter().zip(&right).filter(|(from, to)| !from.eq_ignore_ascii_case(to)) {
                found.push(Self { kind: Kind::Name, from: (*from).to_owned(), to: (*to).to_owned() });
            }
        }
        found
    }

    /// Makes this change in the first of two exchanges, so that what else differs can be seen.
    pub(super) fn make(&self, left: &mut Interaction, right: &Interaction) {
        match self.kind {
            Kind::ApiVersion => {
                let with = |text: &str| {
                    let at = text.to_ascii_lowercase().find("api-version=")? + "api-version=".len();
                    let rest = text[at..].strip_prefix(self.from.as_str())?;
                    Some(format!("{}{}{rest}", &text[..at], self.to))
                };
                left.request.target = with(&left.request.target).unwrap_or_else(|| left.request.target.clone());
                // Services hand out URLs with the version that they were asked with, or with another.
                let Some((one, other)) = left.response.as_mut().zip(right.response.as_ref()) else { return };
                let handed_out = POLLING_HEADERS.iter().filter_map(|name| other.headers.get(name));
                if handed_out.clone().any(|url| with(&url.replace(&self.to, &self.from)).as_deref() == Some(url)) {
                    one.headers.over_values(with);
                }
            }
            Kind::Name | Kind::Host => {
                if self.kind == Kind::Host && Kind::Host.value(left).as_ref() == Some(&self.from) {
                    left.request.authority.clone_from(&right.request.authority);
                }
                over_texts(left, |text| words::replace_word(text, &self.from, &self.to));
            }
            Kind::Http => left.request.version = Some(self.to.clone()),
            Kind::UserAgent => left.request.headers.set("user-agent", self.to.clone()),
        }
    }

    /// Whether a request of the second tape shows it.
    pub(super) fn shows_in(&self, interaction: &Interaction) -> bool {
        match self.kind {
            Kind::Name => interaction.request.target.split(['/', '?']).any(|word| word.eq_ignore_ascii_case(&self.to)),
            _ => self.kind.value(interaction).as_ref() == Some(&self.to),
        }
    }

    pub(super) fn is_name(&self) -> bool {
        self.kind == Kind::Name
    }

    pub(super) fn class(&self) -> Class {
        match self.kind {
            Kind::ApiVersion | Kind::Host => Class::Behavioural,
            Kind::Name | Kind::Http | Kind::UserAgent => Class::Cosmetic,
        }
    }

    pub(super) fn words(&self) -> String {
        let (from, to) = (words::cut(&self.from), words::cut(&self.to));
        match self.kind {
            Kind::ApiVersion => format!("api-version {from} → {to}"),
            Kind::Host => format!("host {from} → {to}"),
            Kind::Name => format!("name `{from}` → `{to}`"),
            Kind::Http => format!("{from} → {to}"),
            Kind::UserAgent => format!("request header `User-Agent` {from} → {to}"),
        }
    }

    /// By which it is accepted or rejected.
    pub(super) fn id(&self) -> String {
        let kind = match self.kind {
            Kind::ApiVersion => "api-version",
            Kind::Host => "host",
            Kind::Name => "name",
            Kind::Http => "http",
            Kind::UserAgent => "user-agent",
        };
        super::slug(&format!("{kind}-{}", self.to))
    }
}

impl Kind {
    fn value(&self, interaction: &Interaction) -> Option<String> {
        let request = &interaction.request;
        match self {
            Self::ApiVersion => Target::parse(&request.target).query_value("api-version").map(str::to_owned),
            Self::Host => request.authority.as_deref().map(|host| authority_key(request.scheme.as_deref(), host)),
            Self::Http => request.version.clone(),
            Self::UserAgent => request.headers.get("user-agent").map(str::to_owned),
            Self::Name => None,
        }
    }
}

/// Target, headers and bodies of both sides.
fn over_texts(interaction: &mut Interaction, change: impl Fn(&str) -> Option<String>) {
    let request = &mut interaction.request;
    if let Some(target) = change(&request.target) {
        request.target = target;
    }
    request.headers.over_values(&change);
    request.body.over_text(&change);
    if let Some(response) = &mut interaction.response {
        response.headers.over_values(&change);
        response.body.over_text(&change);
    }
}
