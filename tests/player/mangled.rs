//! Every polling URL that redacted recordings hand out, asked for in other words: what LRO-C-16 calls a
//! violation is a miss, what it and LRO-C-17 let pass is answered, and said.

use armtape::{arm::Target, replay::Player};
use libtest_mimic::Failed;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::{
    forms::{Form, Step},
    recording::{self, Recording},
    support::shared::shared,
    voice::{POLLING, Voice},
    wire::{Client, current_thread, serve},
};

/// As forms are encoded.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// What was counted.
#[derive(Default)]
struct Count {
    urls: usize,
    missed: usize,
    passed: usize,
}

pub(crate) fn is_a_miss() -> Result<(), Failed> {
    let shared = shared().ok_or("the recordings are gone")?;
    let mut count = Count::default();
    for file in recording::files()? {
        let recording = Recording::read(&shared, &file)?.redacted()?;
        of_recording(&recording, &mut count).map_err(|error| format!("{file}: {}", error.message().unwrap_or("")))?;
    }
    let Count { urls, missed, passed } = count;
    let told = format!("{urls} polling URLs, altered in {missed} ways that LRO-C-16 forbids and {passed} that");
    println!("{told}");
    let page = include_str!("../../docs/secrets.md");
    if page.contains(&told) { Ok(()) } else { Err(format!("docs/secrets.md does not say: {told}").into()) }
}

/// Plays a recording, and asks for each URL in other words, as soon as it is handed out where that has
/// to be a miss, and at the end where it has not.
fn of_recording(recording: &Recording, count: &mut Count) -> Result<(), Failed> {
    let runtime = current_thread()?;
    let server = runtime.block_on(serve(recording, Form::Redacted))?;
    let mut client = Client::new(server.local(), Voice::of(recording, 1));
    runtime.block_on(async {
        let mut urls: Vec<String> = Vec::new();
        for (number, interaction) in recording.interactions().iter().enumerate() {
            let answered = client.ask(interaction).await?;
            let told = answered.iter().flat_map(|answered| POLLING.iter().flat_map(|name| answered.header(name)));
            let told: Vec<String> = told.filter(|url| is_polling_url(recording, number, url)).collect();
            client.heard(recording, Step { asks: number, gets: number }, answered);
            let new: Vec<String> = told.into_iter().filter(|url| !urls.contains(url)).collect();
            urls.extend(new.iter().cloned());
            let handed_out: Vec<_> = urls.iter().map(|url| version_apart(url)).collect();
            for url in new {
                // One of the URLs may be another with a parameter more.
                for altered in
                    violations(&url).into_iter().filter(|altered| !handed_out.contains(&version_apart(altered)))
                {
                    let answered = client.get(&altered).await?.ok_or("closed")?;
                    if answered.status != 501 {
                        return Err(format!("{url}\n as {altered}\n is answered {}", answered.status).into());
                    }
                    count.missed += 1;
                }
            }
        }
        for url in &urls {
            // What nobody polled may be a miss however it is asked for.
            if client.get(url).await?.ok_or("closed")?.status == 501 {
                continue;
            }
            count.urls += 1;
            for respelled in respelled(url) {
                let before = said(server.handler());
                let answered = client.get(&respelled).await?.ok_or("closed")?;
                if answered.status == 501 {
                    return Err(format!("{url}\n as {respelled}\n is a miss").into());
                }
                if said(server.handler()) == before {
                    return Err(format!("nothing is said of\n{url}\n as {respelled}").into());
                }
                count.passed += 1;
            }
            // The host of the client's own configuration in the place of the service's.
            let at_endpoint = &url[url.match_indices('/').nth(2).map_or(0, |(at, _)| at)..];
            if client.get(at_endpoint).await?.ok_or("closed")?.status == 501 {
                return Err(format!("{url}\n is a miss at the endpoint").into());
            }
            count.passed += 1;
        }
        Ok(())
    })
}

/// What the account says of polling URLs in another spelling.
fn said(player: &Player) -> String {
    let account = player.account().to_string();
    account.lines().filter(|line| line.contains("spelled otherwise")).collect()
}

/// A `Location` may also be the resource itself.
fn is_polling_url(recording: &Recording, number: usize, url: &str) -> bool {
    let interactions = recording.interactions();
    let write = recording.operations.iter().find(|operation| operation.interactions().any(|member| member == number));
    let path = |target: &str| target.split('?').next().unwrap_or_default().rsplit('/').next().map(str::to_owned);
    let written = write.and_then(|operation| operation.write).map(|write| path(&interactions[write].request.target));
    write.is_some() && url.starts_with("http") && written != Some(path(url))
}

/// A URL without its api-version.
fn version_apart(url: &str) -> (String, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let others = query.split('&').filter(|pair| !is_version(pair));
    (path.to_owned(), others.map(str::to_owned).collect())
}

fn is_version(pair: &str) -> bool {
    pair.to_ascii_lowercase().starts_with("api-version")
}

/// A URL as clients got it wrong.
fn violations(url: &str) -> Vec<String> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    let joined =
        |pairs: &[String]| if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) };
    let own: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
    let each = |change: &dyn Fn(&str, &str) -> String| -> Vec<String> {
        let change = |pair: &&str| match pair.split_once('=') {
            Some((name, value)) if !is_version(pair) => format!("{name}={}", change(name, value)),
            _ => (*pair).to_owned(),
        };
        pairs.iter().map(change).collect()
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut altered = vec![
        // Decoded, and encoded again in another way or not at all; encoded once more.
        joined(&each(&|_, value| utf8_percent_encode(&decoded(value), FORM).to_string())),
        joined(&each(&|_, value| decoded(value).replace([' ', '#', '&'], ""))),
        joined(&each(&|_, value| value.replace('%', "%25"))),
        joined(&each(&|_, value| {
            value.to_ascii_lowercase().replace("%2b", "%2B").replace("%2f", "%2F").replace("%3d", "%3D")
        })),
        joined(&own.iter().rev().cloned().collect::<Vec<_>>()),
        url.replacen("/subscriptions/", "/Subscriptions/", 1).replacen("/providers/", "/Providers/", 1),
        path.rsplit_once('/').map_or_else(String::new, |(above, _)| joined_path(above, query)),
        joined_path(&format!("{path}x"), query),
    ];
    for at in (0..pairs.len()).filter(|at| !is_version(pairs[*at])) {
        let mut without = own.clone();
        without.remove(at);
        altered.push(joined(&without));
        let mut changed = own.clone();
        changed[at].push('x');
        altered.push(joined(&changed));
    }
    // Where nothing could be got wrong in this way, and where only the version moved.
    altered.retain(|altered| !altered.is_empty() && version_apart(altered) != version_apart(url));
    altered.sort_unstable();
    altered.dedup();
    altered
}

fn joined_path(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A URL as clients may ask for it: with another api-version, without one, and with escapes in the other
/// case.
fn respelled(url: &str) -> Vec<String> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut spellings = Vec::new();
    if Target::parse(url).query_value("api-version").is_some() {
        let others = || query.split('&').filter(|pair| !is_version(pair));
        spellings.push(joined_path(path, &others().collect::<Vec<_>>().join("&")));
        spellings.push(joined_path(path, &others().chain(["api-version=2099-01-01"]).collect::<Vec<_>>().join("&")));
    } else {
        let and = if query.is_empty() { "" } else { "&" };
        spellings.push(format!("{path}?{query}{and}api-version=2099-01-01"));
    }
    let mut escaped = 0;
    let other_case = |letter: char| {
        let turned = match (escaped, letter.is_ascii_uppercase()) {
            (0, _) => letter,
            (_, true) => letter.to_ascii_lowercase(),
            (_, false) => letter.to_ascii_uppercase(),
        };
        escaped = if letter == '%' { 2 } else { i32::max(escaped - 1, 0) };
        turned
    };
    spellings.push(url.chars().map(other_case).collect());
    spellings.retain(|spelling| spelling != url);
    spellings
}
