//! What is told of a recording, a line each.

use std::collections::BTreeMap;

use super::{Seen, Take};
use crate::{
    arm::{count, operations},
    cassette::Stored,
};

/// Why a recording is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody knows how far the client got.
    ClientFailed,
    /// The client does otherwise when it is replayed to.
    NotReplayed,
}

impl Seen {
    /// What came by beside the tape. `allow` names what would have a host taped.
    #[must_use]
    pub fn lines(&self, allow: &str) -> Vec<String> {
        let times = |times: u64, one| count(usize::try_from(times).unwrap_or(usize::MAX), one);
        let passed =
            |(host, number): (&String, &u64)| format!("passed, not taped: {host} ({})", times(*number, "connection"));
        let unreached = |(host, reason): (&String, &String)| format!("not reached: {host}: {reason}");
        let refused = |(host, number): (&String, &u64)| {
            format!("refused: {host} ({}); `{allow} {host}` tapes it", times(*number, "attempt"))
        };
        let distrusted = |(host, reason): (&String, &String)| {
            format!("the client did not accept armtape's certificate for {host}: {reason}")
        };
        let mut lines: Vec<String> = self.passed.iter().map(passed).collect();
        lines.extend(self.unreached.iter().map(unreached));
        lines.extend(self.refused.iter().map(refused));
        lines.extend(self.distrusted.iter().map(distrusted));
        for (reason, hint) in &self.upstream_errors {
            lines.push(format!("error: {reason}"));
            lines.extend(hint.map(|hint| format!("hint: {hint}")));
        }
        lines
    }

    /// The likeliest reason why a client that came by had nothing recorded; `None` where none came.
    #[must_use]
    pub fn why_nothing(&self, allow: &str) -> Option<String> {
        fn hosts<T>(hosts: &BTreeMap<String, T>) -> String {
            hosts.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
        }
        let Self { passed, unreached, refused, tokens, .. } = self;
        if !refused.is_empty() {
            Some(format!("the client asked only for {}: `{allow}` tapes a host", hosts(refused)))
        } else if passed.is_empty() && !unreached.is_empty() {
            Some(format!("the client talked only to {}, which could not be reached", hosts(unreached)))
        } else if !passed.is_empty() {
            Some(format!("the client talked only to {}: `{allow}` tapes a host", hosts(passed)))
        } else if *tokens > 0 {
            Some("the client asked for a token and then for nothing".to_owned())
        } else {
            None
        }
    }
}

impl Take {
    /// Which rule replaced what, and what looked like a secret that no rule knew.
    #[must_use]
    pub fn replaced(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.report.rules().map(|rules| format!("replaced: {rules}")).into_iter().collect();
        for suspect in &self.report.suspects {
            let asked = suspect.interaction.and_then(|number| self.cassette.interactions.get(number));
            let asked = asked.map(|asked| format!(" ({} {})", asked.request.method, asked.request.target));
            let (path, asked) = (suspect.path(), asked.unwrap_or_default());
            lines.push(format!("this looks like a secret, and was replaced: {path}{asked}"));
        }
        if !self.report.suspects.is_empty() {
            let line = "if it is one, a rule for it in `[redact]` of armtape.toml names it; see `armtape explain gate`";
            lines.push(line.to_owned());
        }
        lines
    }

    /// Where it is now, why, and what is to be done.
    #[must_use]
    pub fn stored(&self, stored: &Stored, doubt: Option<Doubt>) -> Vec<String> {
        let interactions = count(self.cassette.interactions.len(), "interaction");
        let mut lines = match stored {
            Stored::New(path) => vec![format!("{interactions} on {} (new)", path.display())],
            Stored::Unchanged(path) => {
                vec![format!("{interactions}: nothing changed, {} stays as it is", path.display())]
            }
            Stored::Pending { path, replaced } => {
                let path = path.display();
                let why = match doubt {
                    None => "it differs from the accepted cassette",
                    Some(Doubt::ClientFailed) => "the client did not end well",
                    Some(Doubt::NotReplayed) => "it does not replay",
                };
                let mut lines = vec![format!("{interactions} on {path}, pending: {why}")];
                if *replaced {
                    lines.push("it replaced an earlier pending recording that nobody had reviewed".to_owned());
                }
                lines.push(format!("to accept it: armtape accept {path}; to throw it away: armtape reject {path}"));
                lines
            }
        };
        if doubt.is_none() && !matches!(stored, Stored::Unchanged(_)) {
            lines.extend(self.not_followed());
        }
        lines
    }

    /// Writes whose operations were still running when the client asked last: a replay never shows their ends.
    fn not_followed(&self) -> Option<String> {
        let operations = operations(&self.cassette.interactions);
        let running = operations.iter().filter(|operation| operation.end.is_none());
        let writes: Vec<usize> = running.filter_map(|operation| operation.write).collect();
        let request = &self.cassette.interactions[*writes.first()?].request;
        let first = format!("{} {}", request.method, request.target);
        Some(match writes.len() {
            1 => format!("the client did not wait for the end of 1 operation, which is not on the tape: {first}"),
            many => format!(
                "the client did not wait for the ends of {many} operations, which are not on the tape; the first: {first}"
            ),
        })
    }
}
