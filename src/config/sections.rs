//! The sections of the file.

use serde::Deserialize;

use crate::{cassette::Freshness, check, proxy::Hosts, record::Mode, redact, replay::Rules};

/// Everything that the file can say. A new section is a field here, of a struct like these: with a
/// default, and without room for unknown keys.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sections {
    /// What makes two requests the same.
    #[serde(rename = "match")]
    pub matching: Rules,
    /// Which hosts are taped, passed, refused, or not led here at all.
    pub hosts: Hosts,
    /// How `record` records.
    pub record: Record,
    /// How old a cassette may become.
    pub freshness: Freshness,
    /// What is replaced on tapes.
    pub redact: redact::Settings,
    /// How `check` checks.
    pub check: check::Section,
}

/// `[record]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Record {
    /// What to do with the cassette that is there.
    pub mode: Option<Mode>,
}
