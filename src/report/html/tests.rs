//! Whole pages, looked at as text. `tests/page.rs` opens them in a browser.

use std::collections::HashSet;

use super::{Differences, Linted};
use crate::cassette::{Cassette, Interaction, Times, sample::exchange};

const HOSTILE: &str = "</script><script>a()</script><img src=x onerror=a()> \"'\u{1b}[2J\u{202e}\u{2028}";

fn interaction(
    number: u64,
    method: &str,
    target: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Interaction {
    Interaction {
        times: Some(Times { request: number * 15_000, answer: number * 15_000 + 40, end: number * 15_000 + 40 }),
        ..exchange(method, target, "", status, headers, body)
    }
}

/// An operation with so many running polls.
fn operation(polls: u64, words: &str) -> Cassette {
    let path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things/a";
    let location = format!("https://management.azure.com{path}/operations/1?api-version=1");
    let headers = [("location", location.as_str()), ("retry-after", "15"), ("x-words", words)];
    let body =
        |state: &str| serde_json::json!({ "words": words, "properties": { "provisioningState": state } }).to_string();
    let write = interaction(0, "PUT", &format!("{path}?api-version=1"), 202, &headers, &body("Creating"));
    let poll = format!("{path}/operations/1?api-version=1");
    let running = (1..=polls).map(|number| interaction(number, "GET", &poll, 202, &headers, &body("Creating")));
    let end = interaction(polls + 1, "GET", &poll, 200, &[], &body("Succeeded"));
    let interactions = [write].into_iter().chain(running).chain([end]).collect();
    Cassette { interactions, ..Cassette::default() }
}

fn linted(tape: &Cassette) -> String {
    let mut page = Linted::default();
    page.take("tapes/a.json", tape, &[7], true);
    page.finish().to_html()
}

/// The values of an attribute. No recorded text has these words with a quote behind them: it is escaped.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    page.split(&begin).skip(1).map(|rest| &rest[..rest.find('"').unwrap()]).collect()
}

#[test]
fn recorded_text_is_no_markup() {
    let mut tape = operation(1, HOSTILE);
    tape.recorded = Some(HOSTILE.to_owned());
    for interaction in &mut tape.interactions {
        interaction.notes.push(HOSTILE.to_owned());
        interaction.request.authority = Some(HOSTILE.to_owned());
        interaction.request.headers.set("x-words", HOSTILE);
        interaction.request.target.push_str(HOSTILE);
    }
    tape.interactions.push(interaction(9, HOSTILE, HOSTILE, 500, &[], r#"{"error":{"code":"<img src=x>"}}"#));
    let mut differences = Differences::new(true);
    differences.take([HOSTILE, HOSTILE], [&operation(1, "plain"), &tape]);
    let mut lint = Linted::default();
    lint.take(HOSTILE, &tape, &[1, 2, 3, 4], true);
    for page in [lint.finish().to_html(), differences.finish().to_html()] {
        assert!(page.contains("&lt;img"), "what is hostile is on the page");
        for (element, times) in [("<script", 1), ("</script", 1), ("<style", 1), ("<img", 0)] {
            assert_eq!(page.matches(element).count(), times, "{element}");
        }
        let body = &page[page.find("<body>").unwrap()..];
        assert!(!body.contains(['\u{1b}', '\u{202e}', '\u{2028}']));
        assert!(!body.contains(" style=") && !body.contains(" onerror=\""));
    }
}

#[test]
fn every_link_leads_somewhere_and_no_name_is_there_twice() {
    let mut page = Linted::default();
    let mut tape = operation(6, "");
    tape.interactions.push(interaction(20, "GET", "/subscriptions/s", 200, &[], "{}"));
    // Twice a poll in the same moment breaks a rule, or two.
    tape.interactions[0].request.headers.set("x-ms-client-request-id", "1");
    page.take("a.json", &tape, &[], true);
    page.take("a.json", &tape, &[], true);
    let text = page.finish().to_html();
    let names = values(&text, "id");
    let known: HashSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), known.len(), "{names:?}");
    let links = values(&text, "href");
    assert!(links.len() > 4);
    for link in links {
        assert!(known.contains(link.strip_prefix('#').unwrap()), "{link} leads nowhere");
    }
}

#[test]
fn polls_that_say_the_same_are_told_together() {
    let page = linted(&operation(103, ""));
    assert_eq!(page.matches("class=\"run\"").count(), 1);
    assert!(page.contains("<strong>103 × </strong>"), "{page}");
    // Each has its own name all the same, and its place on the clock.
    assert!(page.contains("id=\"op-1-105\""));
    assert_eq!(page.matches("<rect class=\"poll\"").count(), 103);
    assert!(page.contains("105 exchanges in 26 min 00 s"));
    // Of equal answers the first is there alone.
    assert_eq!(page.matches("The same as the one before.").count(), 102);
}

#[test]
fn a_page_has_its_bounds() {
    let body = "x".repeat(5_000);
    let other = |number: u64| interaction(number, "GET", &format!("/subscriptions/{number}"), 200, &[], &body);
    let tape = Cassette { interactions: (0..5_000).map(other).collect(), ..Cassette::default() };
    let page = linted(&tape);
    assert!(page.len() < 4 * 1024 * 1024, "{}", page.len());
    assert!(page.contains("exchanges more are not shown here."));
    assert!(page.contains("[cut: 904 bytes more are on the recording]"));
    assert!(page.contains("Headers and bodies of "));
}

#[test]
fn without_times_the_order_is_drawn() {
    let mut tape = operation(3, "");
    tape.interactions.iter_mut().for_each(|interaction| interaction.times = None);
    let page = linted(&tape);
    assert!(page.contains("5 exchanges in their order; the recording has no times"), "{page}");
    assert_eq!(page.matches("<rect ").count(), 5);
    assert!(!page.contains("class=\"tick\"") && !page.contains("NaN"));
}

#[test]
fn both_sides_are_drawn_on_one_clock() {
    let (left, right) = (operation(2, "one"), operation(4, "other"));
    let mut page = Differences::new(false);
    page.take(["a.json", "b.json"], [&left, &right]);
    let page = page.finish().to_html();
    assert!(page.contains("<strong>Before</strong> 4 exchanges in 45.0 s"), "{page}");
    assert!(page.contains("<strong>After</strong> 6 exchanges in 1 min 15 s"));
    assert!(page.contains("<del>ne</del>") && page.contains("<ins>ther</ins>"), "{page}");
}
