//! The URLs that a recorded service handed out.

use super::words::Words;
use crate::{
    arm::{self, POLLING_HEADERS},
    cassette::Interaction,
    simulate::scenario::{Form, Link, LinkHeader},
};

/// Those of one operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Urls {
    /// As templates, for [`crate::simulate::scenario::FromTape`].
    pub(super) templates: Vec<String>,
    /// The values that no client can ask.
    pub(super) unusable: Vec<String>,
    /// Every link so far, with the URL and its path as it is compared.
    known: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    url: String,
    path: String,
    link: Link,
}

impl Urls {
    /// What an answer hands out. A poll hands out what was handed out before, perhaps signed anew: another
    /// URL would lead nowhere.
    pub(super) fn handed_out(&mut self, interaction: &Interaction, is_write: bool, words: &Words) -> Vec<Link> {
        let Some(response) = &interaction.response else { return Vec::new() };
        let mut links = Vec::new();
        for (name, url) in POLLING_HEADERS.iter().filter_map(|name| Some((*name, response.headers.get(name)?))) {
            let header = match name {
                "azure-asyncoperation" => LinkHeader::Monitor,
                "operation-location" => LinkHeader::OperationLocation,
                _ => LinkHeader::Result,
            };
            let Some((own, target)) = parts(url) else {
                self.unusable.push(format!("{name}: {url}"));
                continue;
            };
            let path = target.path_key();
            let same_path = |known: &&Known| known.path == path && known.link.header == header;
            let link = match self.known.iter().find(|known| known.url == url && known.link.header == header) {
                Some(known) => known.link,
                None => {
                    let before = self.known.iter().find(same_path).map(|known| known.link.form);
                    let Some(form) = before.or_else(|| is_write.then(|| form(url, &interaction.request.target))) else {
                        continue;
                    };
                    self.templates.push(format!("{own}{}", words.template(target.raw())));
                    let link = Link { taped: Some(self.templates.len() - 1), ..Link::new(header, form) };
                    self.known.push(Known { url: url.to_owned(), path, link });
                    link
                }
            };
            links.push(link);
        }
        links
    }
}

/// What stands for scheme and host of a URL, and the rest of it; `None` for what is no URL. A tape may have
/// any host; the one that is asked is this run's.
fn parts(url: &str) -> Option<(&'static str, arm::Target)> {
    if url.starts_with('/') {
        return Some(("", arm::Target::parse(url)));
    }
    let url = arm::Url::parse(url)?;
    let own = if url.authority.ends_with(":443") { "${own}:443" } else { "${own}" };
    Some((own, url.target))
}

/// What a URL means to a client: the nearest of the forms that scripts have.
fn form(url: &str, asked: &str) -> Form {
    const LONG: usize = 1024;
    let Some((own, target)) = parts(url) else { return Form::Text };
    let asked = arm::Target::parse(asked);
    let version = target.query_value("api-version");
    if own.is_empty() {
        Form::Relative
    } else if target.path_key() == asked.path_key() {
        Form::Resource
    } else if is_signed(&target) {
        Form::Signed
    } else if url.len() > LONG {
        Form::Long(url.len())
    } else if version.is_none() {
        Form::Bare
    } else if version != asked.query_value("api-version") {
        Form::OtherVersion
    } else {
        Form::Plain
    }
}

fn is_signed(target: &arm::Target) -> bool {
    const SIGNS: [&str; 6] = ["c", "s", "h", "t", "sig", "signature"];
    target.query_pairs().any(|(name, _)| SIGNS.contains(&name))
}
